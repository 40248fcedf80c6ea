using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.KeyRing;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Tests the storage of a web host's Data Protection keys in the credit database.</summary>
[TestFixture]
public sealed class KeyRingTests
{
    [Test]
    public async Task Elements_keep_their_order_and_are_added_once()
    {
        using var folder = new TemporaryFolder();
        await using (var store = await StartedStore.StartAsync(folder.ConnectionString))
        {
            var keys = store.Get<IKeyRingStore>();
            (await keys.ReadAsync(CancellationToken.None)).Should().BeEmpty();
            foreach (var name in (string[])["b", "a", "b"])
            {
                await keys.AddAsync(KeyRingElement.Create(name, $"<{name} text=\"é\" />"), CancellationToken.None);
            }
        }

        await using var restarted = await StartedStore.StartAsync(folder.ConnectionString);
        var elements = await restarted.Get<IKeyRingStore>().ReadAsync(CancellationToken.None);

        elements.Select(static element => element.Name).Should().Equal("b", "a");
        elements[0].Xml.Should().Be("<b text=\"é\" />");
    }
}
