using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    [Test]
    public async Task A_statement_has_every_change_newest_first()
    {
        await Initialize(Ada);
        var spent = await Apply(new CreditCommand.Consume(Ada, 10, RequestKey("click-1"), "a song"));
        var refund = await Refund(Ada, spent, 4, "refund");
        await Grant(Ada, 50, "order-7");
        await Adjust(Ada, -6, "ticket-1");
        var reservation = await Apply(new CreditCommand.Reserve(Ada, 20, RequestKey("click-2"), TenSeconds));
        await Capture(Ada, reservation);
        await Release(Ada, await Reserve(Ada, 5, "job"));

        var page = await ReadHistory(Ada);

        page.NextBefore.Should().BeNull();
        page.Entries.Select(entry => (entry.Version, entry.Kind, entry.Amount, entry.HeldDelta, entry.Balance)).Should().Equal(
            (9, CreditEntryKind.Release, 0, -5, 118),
            (8, CreditEntryKind.Reserve, 0, 5, 118),
            (7, CreditEntryKind.Capture, -20, -20, 118),
            (6, CreditEntryKind.Reserve, 0, 20, 138),
            (5, CreditEntryKind.Adjust, -6, 0, 138),
            (4, CreditEntryKind.Grant, 50, 0, 144),
            (3, CreditEntryKind.Refund, 4, 0, 94),
            (2, CreditEntryKind.Consume, -10, 0, 90),
            (1, CreditEntryKind.Init, 100, 0, 100));
        page.Entries.Select(entry => entry.Key?.Value).Should().Equal(
            "job", "job", "http:click-2", "http:click-2", "ticket-1", "order-7", "refund", "http:click-1", null);
        page.Entries.Select(entry => entry.Key?.RequestHeader).Should().Equal(
            null, null, "click-2", "click-2", null, null, null, "click-1", null);
        page.Entries.Select(entry => entry.Reason).Should().Equal(
            null, null, null, null, "correction", "a purchase", "a refund", "a song", null);
        page.Entries[4].Actor.Should().Be("operator");
        page.Entries[6].RefersTo.Should().Be(spent.EntryId);
        page.Entries[6].Id.Should().Be(refund.EntryId);
        page.Entries[2].ReservationId.Should().Be(reservation.ReservationId);
        page.Entries[0].CreatedAt.Should().Be(Now);
    }

    [Test]
    public async Task Pages_of_a_statement_are_complete_while_entries_are_added()
    {
        await Initialize(Ada);
        for (var index = 0; index < 6; index++)
        {
            await Consume(Ada, 1, $"k{index}");
        }

        var versions = new List<long>();
        long? before = null;
        do
        {
            var page = await ReadHistory(Ada, before, limit: 3);
            page.Entries.Count.Should().BeInRange(1, 3);
            versions.AddRange(page.Entries.Select(entry => entry.Version));
            before = page.NextBefore;
            await Consume(Ada, 1, $"later{versions.Count}");
        }
        while (before is not null);

        versions.Should().Equal(7, 6, 5, 4, 3, 2, 1);
        (await ReadHistory(Ada, before: 1)).Entries.Should().BeEmpty();
        (await ReadHistory(Ada, before: 4, limit: 3)).Should().Match<CreditHistoryPage>(page => page.NextBefore == null
            && page.Entries.Count == 3, "no entry is older than version 1");
    }

    [Test]
    public async Task A_statement_has_entries_of_its_user_only()
    {
        await Initialize(Ada);
        await Consume(Ada, 10, "k");
        await Initialize(Bob);

        (await ReadHistory(Bob)).Entries.Should().ContainSingle().Which.Kind.Should().Be(CreditEntryKind.Init);
        (await ReadHistory(CreateUser("stranger"))).Entries.Should().BeEmpty();
        (await ReadHistory(CreateUser("ADA"))).Entries.Should().BeEmpty();
    }

    [Test]
    public async Task A_statement_adds_up_to_the_balance_after_concurrent_changes()
    {
        await Initialize(Ada);
        await RunConcurrently(32, index => index % 3 == 0 ? Grant(Ada, 5, $"k{index}") : Consume(Ada, 3, $"k{index}"));

        var entries = (await ReadHistory(Ada, limit: CreditHistoryPage.MaxLimit)).Entries;

        entries.Select(entry => entry.Version).Should().Equal(Enumerable.Range(1, 33).Reverse().Select(version => (long)version));
        entries.Zip(entries.Skip(1)).Should().OnlyContain(pair => pair.First.Balance == pair.Second.Balance + pair.First.Amount);
        await ShouldHave(Ada, entries[0].Balance, version: 33);
    }

    private async Task<CreditHistoryPage> ReadHistory(UserId user, long? before = null, int limit = CreditHistoryPage.DefaultLimit)
    {
        if (_testStore.History is not { } history)
        {
            Assert.Ignore("The store does not implement ICreditStoreHistory.");
            throw new InvalidOperationException();
        }

        return await history.ReadHistoryAsync(user, before, limit, CancellationToken.None);
    }
}
