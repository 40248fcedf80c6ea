using FluentAssertions;
using Microsoft.Data.Sqlite;
using NUnit.Framework;
using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.Sqlite.Tests;

[TestFixture]
public sealed class FileManifestTests
{
    private static readonly UserId Ada = UserId.Create("ada");
    private static readonly UserId Bob = UserId.Create("bob");
    private static readonly DateTimeOffset Noon = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(1_234_567);

    private TemporaryFolder _folder = null!;
    private StartedStore _store = null!;

    [SetUp]
    public async Task Start_a_store()
    {
        _folder = new TemporaryFolder();
        _store = await StartedStore.StartAsync(_folder.ConnectionString);
    }

    [TearDown]
    public async Task Remove_the_store()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task A_row_survives_a_restart_with_its_exact_ticks()
    {
        var file = Named("tone.wav");
        (await Add(Ada, file)).Should().BeTrue();
        await _store.DisposeAsync();
        _store = await StartedStore.StartAsync(_folder.ConnectionString);

        (await _store.Files.FindAsync(Ada, "tone.wav", CancellationToken.None)).Should().Be(file);
    }

    [Test]
    public async Task A_user_cannot_find_list_or_remove_foreign_rows()
    {
        await Add(Ada, Named("tone.wav"));

        (await _store.Files.FindAsync(Bob, "tone.wav", CancellationToken.None)).Should().BeNull();
        (await _store.Files.ListAsync(Bob, CancellationToken.None)).Should().BeEmpty();
        (await _store.Files.RemoveAsync(Bob, "tone.wav", CancellationToken.None)).Should().BeFalse();
        (await _store.Files.FindAsync(Ada, "tone.wav", CancellationToken.None)).Should().NotBeNull();
    }

    [Test]
    public async Task The_users_own_name_is_kept_and_a_row_is_found_by_its_name_alone()
    {
        await Add(Ada, Named("tone.wav") with { DisplayName = "Übung 録音 🎵'--.wav" });

        (await _store.Files.ListAsync(Ada, CancellationToken.None)).Single().DisplayName.Should().Be("Übung 録音 🎵'--.wav");
        (await _store.Files.ContainsAsync("tone.wav", CancellationToken.None)).Should().BeTrue();
        (await _store.Files.ContainsAsync("Tone.wav", CancellationToken.None)).Should().BeFalse();
        await _store.Files.RemoveAsync(Ada, "tone.wav", CancellationToken.None);
        (await _store.Files.ContainsAsync("tone.wav", CancellationToken.None)).Should().BeFalse();
    }

    [Test]
    public async Task Names_are_compared_by_ordinal_value()
    {
        await Add(Ada, Named("tone.wav"));

        (await _store.Files.FindAsync(Ada, "Tone.wav", CancellationToken.None)).Should().BeNull();
        (await _store.Files.FindAsync(Ada, "tone%", CancellationToken.None)).Should().BeNull();
        (await Add(Ada, Named("TONE.wav"))).Should().BeTrue();
    }

    [Test]
    public async Task Files_are_listed_latest_first()
    {
        await Add(Ada, Named("old.wav"));
        await Add(Ada, Named("new.wav") with { CreatedAt = Noon.AddTicks(1) });

        (await _store.Files.ListAsync(Ada, CancellationToken.None)).Select(file => file.Name).Should().Equal("new.wav", "old.wav");
    }

    [Test]
    public async Task A_row_is_removed_once()
    {
        await Add(Ada, Named("tone.wav"));

        (await _store.Files.RemoveAsync(Ada, "tone.wav", CancellationToken.None)).Should().BeTrue();
        (await _store.Files.RemoveAsync(Ada, "tone.wav", CancellationToken.None)).Should().BeFalse();
        (await _store.Files.ListAsync(Ada, CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task The_limit_applies_to_concurrent_uploads()
    {
        var added = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(index => Task.Run(async () => await Add(Ada, Named($"{index}.wav"), limit: 5))));

        added.Count(wasAdded => wasAdded).Should().Be(5);
        (await _store.Files.ListAsync(Ada, CancellationToken.None)).Should().HaveCount(5);
        (await Add(Bob, Named("0.wav"), limit: 5)).Should().BeTrue("the limit applies to each user");
    }

    [Test]
    public async Task A_duplicate_name_is_an_error_and_keeps_the_row()
    {
        var file = Named("tone.wav");
        await Add(Ada, file);

        var again = async () => await Add(Ada, file with { Size = 8 });

        await again.Should().ThrowAsync<SqliteException>();
        (await _store.Files.FindAsync(Ada, "tone.wav", CancellationToken.None)).Should().Be(file);
    }

    private static StoredFile Named(string name) => new()
    {
        Name = name,
        Size = 7,
        Sha256 = new string('a', 64),
        ContentType = "audio/wav",
        CreatedAt = Noon,
    };

    private async Task<bool> Add(UserId user, StoredFile file, int limit = 200) =>
        await _store.Files.AddAsync(user, file, limit, CancellationToken.None);
}
