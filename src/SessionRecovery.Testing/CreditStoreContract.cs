using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Testing;

/// <summary>
/// Contains the tests that every credit store must pass. The test project of a provider derives a class from this class. The derived class
/// creates a store that uses the given clock and gives 100 credits to each new account. The ledger is audited after every test.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.Children)]
public abstract partial class CreditStoreContract
{
    private static readonly TimeSpan TenSeconds = TimeSpan.FromSeconds(10);

    private ICreditStoreUnderTest _testStore = null!;

    /// <summary>Gets the clock that the store uses.</summary>
    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Gets the current time of the store. The default is the time of <see cref="Clock"/>.</summary>
    protected virtual DateTimeOffset Now => Clock.GetUtcNow();

    private UserId Ada => CreateUser("ada");

    private UserId Bob => CreateUser("bob");

    private ICreditStore Store => _testStore.Store;

    /// <summary>Creates a store that has no accounts for the users of the test.</summary>
    /// <param name="clock">The clock that the store must use.</param>
    /// <returns>The store, with its audit and its source of active users.</returns>
    protected abstract Task<ICreditStoreUnderTest> CreateStoreAsync(FakeTimeProvider clock);

    /// <summary>
    /// Advances the time of the store. Override this method for a store that has its own clock. If that clock cannot be advanced, the
    /// override must call <c>Assert.Ignore</c>.
    /// </summary>
    /// <param name="time">The time to advance by.</param>
    protected virtual void AdvanceTime(TimeSpan time) => Clock.Advance(time);

    /// <summary>Creates the id of a test user. Override this method for a store that accepts only certain ids, such as UUIDs.</summary>
    /// <param name="name">The name of the user in the test. Different names must result in different ids.</param>
    /// <returns>The id of the user.</returns>
    protected virtual UserId CreateUser(string name) => UserId.Create(name);

    /// <summary>Creates the store before each test.</summary>
    /// <returns>A task that completes when the store is open.</returns>
    [SetUp]
    public async Task Create_the_store() => _testStore = await CreateStoreAsync(Clock);

    /// <summary>Audits the ledger and closes the store after each test.</summary>
    /// <returns>A task that completes when the store is closed.</returns>
    [TearDown]
    public async Task Audit_the_ledger()
    {
        if (_testStore is null)
        {
            return;
        }

        await using (_testStore)
        {
            if (_testStore.Audit is { } audit)
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

    private ValueTask<CreditCommandResult> Consume(UserId user, long amount, string key) =>
        Apply(new CreditCommand.Consume(user, amount, Key(key)));

    private ValueTask<CreditCommandResult> Reserve(
        UserId user, long amount, string key, Guid? leaseOwner = null, string? fingerprint = null) =>
        Apply(new CreditCommand.Reserve(user, amount, Key(key), TenSeconds, fingerprint, leaseOwner));

    private ValueTask<CreditCommandResult> Renew(UserId user, CreditCommandResult reservation, TimeSpan? lifetime = null) =>
        Apply(new CreditCommand.Renew(user, reservation.ReservationId!.Value, reservation.Attempt, lifetime ?? TenSeconds));

    private ValueTask<CreditCommandResult> Capture(UserId user, CreditCommandResult reservation, StoredResponse? response = null) =>
        Apply(new CreditCommand.Capture(user, reservation.ReservationId!.Value, reservation.Attempt, response));

    private ValueTask<CreditCommandResult> Release(UserId user, CreditCommandResult reservation) =>
        Apply(new CreditCommand.Release(user, reservation.ReservationId!.Value, reservation.Attempt));

    private ValueTask<CreditReadResult> Read(UserId user) => Store.ReadAsync(new UserSession(user), CancellationToken.None);

    private async Task ShouldHave(UserId user, long available, long held = 0, long? version = null)
    {
        var result = await Read(user);
        result.Status.Should().Be(CreditReadStatus.Current);
        result.Balance!.Available.Should().Be(available);
        result.Balance.Held.Should().Be(held);
        if (version is not null)
        {
            result.Balance.Version.Should().Be(version);
        }
    }
}
