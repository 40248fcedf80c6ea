using SessionRecovery.Credits;
using SessionRecovery.Warming;

namespace SessionRecovery.Testing;

/// <summary>Represents a credit store that the contract tests use. Each instance has its own data.</summary>
public interface ICreditStoreUnderTest : IAsyncDisposable
{
    /// <summary>Gets the credit store. The property returns another object after <see cref="ReopenAsync"/>.</summary>
    ICreditStore Store { get; }

    /// <summary>
    /// Gets the audit of the store, or <see langword="null"/> if the store has no audit. The audit runs after every test.
    /// </summary>
    ICreditStoreAudit? Audit { get; }

    /// <summary>
    /// Gets the credit histories of the store, or <see langword="null"/> if the store does not implement the interface. By default, the
    /// property returns <see cref="Store"/> if it implements <see cref="ICreditStoreHistory"/>.
    /// </summary>
    ICreditStoreHistory? History => Store as ICreditStoreHistory;

    /// <summary>
    /// Gets the lists of open reservations of the store, or <see langword="null"/> if the store does not implement the interface. By
    /// default, the property returns <see cref="Store"/> if it implements <see cref="ICreditStoreReservations"/>.
    /// </summary>
    ICreditStoreReservations? Reservations => Store as ICreditStoreReservations;

    /// <summary>Gets the source of recently active users.</summary>
    IActiveUserSource ActiveUsers { get; }

    /// <summary>Gets the credits of a new account. The tests require the value 100.</summary>
    long InitialCredits { get; }

    /// <summary>
    /// Gets a value that indicates whether only one process uses the store. When such a store is opened, it releases the reservations of
    /// earlier lease owners.
    /// </summary>
    bool HasOneOwner { get; }

    /// <summary>Closes the store and opens it again with the same data, as a restart of the host does.</summary>
    /// <returns>A task that completes when the store is open.</returns>
    ValueTask ReopenAsync();
}
