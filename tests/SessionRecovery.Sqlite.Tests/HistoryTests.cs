using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Tests the pages of a history that is longer than the distance between two indexed versions.</summary>
[TestFixture]
public sealed class HistoryTests
{
    private const int Versions = 200;

    private static readonly UserId Ada = UserId.Create("ada");
    private static readonly UserId Bob = UserId.Create("bob");

    private TemporaryFolder _folder = null!;
    private StartedStore _store = null!;

    [OneTimeSetUp]
    public async Task Fill_a_store()
    {
        _folder = new TemporaryFolder();
        _store = await StartedStore.StartAsync(_folder.ConnectionString);
        await Apply(new CreditCommand.Initialize(Ada));
        await Apply(new CreditCommand.Initialize(Bob));
        for (var version = 2; version <= Versions; version++)
        {
            await Apply(new CreditCommand.Grant(Ada, version, IdempotencyKey.Create($"key-{version}")));
            await Apply(new CreditCommand.Grant(Bob, 1, IdempotencyKey.Create($"key-{version}")));
        }
    }

    [OneTimeTearDown]
    public async Task Remove_the_store()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task A_page_can_begin_at_each_version()
    {
        for (var before = 0; before <= Versions + 2; before++)
        {
            var page = await ReadAsync(before, limit: 3);

            var first = Math.Min(before - 1, Versions);
            page.Entries.Select(entry => entry.Version).Should().Equal(
                new long[] { first, first - 1, first - 2 }.Where(version => version > 0));
            page.NextBefore.Should().Be(first > 3 ? first - 2 : null);
        }
    }

    [TestCase(1)]
    [TestCase(63)]
    [TestCase(64)]
    [TestCase(65)]
    [TestCase(500)]
    public async Task The_pages_contain_each_entry_once(int limit)
    {
        var entries = new List<CreditHistoryEntry>();
        long? before = null;
        do
        {
            var page = await ReadAsync(before, limit);
            entries.AddRange(page.Entries);
            before = page.NextBefore;
        }
        while (before is not null);

        entries.Select(entry => entry.Version).Should().Equal(Enumerable.Range(1, Versions).Reverse().Select(version => (long)version));
        entries.SkipLast(1).Should().OnlyContain(
            entry => entry.Amount == entry.Version && entry.Key!.Value.Value == $"key-{entry.Version}");
    }

    private ValueTask<CreditHistoryPage> ReadAsync(long? before, int limit) =>
        _store.Get<ICreditStoreHistory>().ReadHistoryAsync(Ada, before, limit, CancellationToken.None);

    private async Task Apply(CreditCommand command) =>
        (await _store.Credits.ApplyAsync(command, CancellationToken.None)).Status.Should().Be(CreditCommandStatus.Done);
}
