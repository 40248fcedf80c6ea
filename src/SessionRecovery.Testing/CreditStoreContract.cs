using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Testing;

/// <summary>
/// What every ledger must do. A provider's test project inherits it and supplies a store whose clock is the one given, with an
/// initial amount of 100. The books are audited after every test.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.Children)]
public abstract partial class CreditStoreContract
{
    private static readonly TimeSpan TenSeconds = TimeSpan.FromSeconds(10);

    private ICreditStoreUnderTest _underTest = null!;

    /// <summary>The store's clock.</summary>
    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The store's time.</summary>
    protected virtual DateTimeOffset Now => Clock.GetUtcNow();

    private UserId Ada => UserNamed("ada");

    private UserId Bob => UserNamed("bob");

    private ICreditStore Store => _underTest.Store;

    /// <summary>Makes a store that has seen none of the test's users, and whose time is the clock's.</summary>
    protected abstract Task<ICreditStoreUnderTest> CreateStoreAsync(FakeTimeProvider clock);

    /// <summary>Lets the store's time pass. A store whose clock nobody can turn ignores the test here.</summary>
    protected virtual void LetPass(TimeSpan time) => Clock.Advance(time);

    /// <summary>The id of a user that a test calls so; a store that takes only certain ids gives its own.</summary>
    protected virtual UserId UserNamed(string name) => UserId.Create(name);

    [SetUp]
    public async Task Create_the_store() => _underTest = await CreateStoreAsync(Clock);

    [TearDown]
    public async Task Audit_the_books()
    {
        if (_underTest is null)
        {
            return;
        }

        await using (_underTest)
        {
            if (_underTest.Audit is { } audit)
            {
                (await audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
            }
        }
    }

    private static IdempotencyKey Key(string value) => IdempotencyKey.Create(value);

    private static IdempotencyKey RequestKey(string header) =>
        IdempotencyKey.TryCreateFromRequest(header, out var key) ? key : throw new ArgumentException("No key.", nameof(header));

    private ValueTask<CreditCommandResult> Apply(CreditCommand command) => Store.ApplyAsync(command, CancellationToken.None);

    private ValueTask<CreditCommandResult> Initialize(UserId user) => Apply(new CreditCommand.Initialize(user));

    private ValueTask<CreditCommandResult> Consume(UserId user, long amount, string key) => Apply(new CreditCommand.Consume(user, amount, Key(key)));

    private ValueTask<CreditCommandResult> Reserve(UserId user, long amount, string key, Guid? leaseOwner = null, string? fingerprint = null) =>
        Apply(new CreditCommand.Reserve(user, amount, Key(key), TenSeconds, fingerprint, leaseOwner));

    private ValueTask<CreditCommandResult> Extend(UserId user, CreditCommandResult hold, TimeSpan? lifetime = null) =>
        Apply(new CreditCommand.Renew(user, hold.ReservationId!.Value, hold.Attempt, lifetime ?? TenSeconds));

    private ValueTask<CreditCommandResult> Capture(UserId user, CreditCommandResult hold, StoredResponse? response = null) =>
        Apply(new CreditCommand.Capture(user, hold.ReservationId!.Value, hold.Attempt, response));

    private ValueTask<CreditCommandResult> Release(UserId user, CreditCommandResult hold) =>
        Apply(new CreditCommand.Release(user, hold.ReservationId!.Value, hold.Attempt));

    private ValueTask<CreditReadResult> Read(UserId user) => Store.ReadAsync(new UserSession(user), CancellationToken.None);

    private async Task ShouldHave(UserId user, long available, long held = 0, long? version = null)
    {
        var reading = await Read(user);
        reading.Status.Should().Be(CreditReadStatus.Current);
        reading.Balance!.Available.Should().Be(available);
        reading.Balance.Held.Should().Be(held);
        if (version is not null)
        {
            reading.Balance.Version.Should().Be(version);
        }
    }
}
