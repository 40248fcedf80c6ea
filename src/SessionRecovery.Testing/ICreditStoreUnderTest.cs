using SessionRecovery.Credits;
using SessionRecovery.Warming;

namespace SessionRecovery.Testing;

/// <summary>A credit store with its own data, as the contract's tests require it.</summary>
public interface ICreditStoreUnderTest : IAsyncDisposable
{
    /// <summary>Gets the store; another object after <see cref="ReopenAsync"/>.</summary>
    ICreditStore Store { get; }

    /// <summary>Gets the audit of the store, which runs after every test; <see langword="null"/> for a store that has none.</summary>
    ICreditStoreAudit? Audit { get; }

    /// <summary>Gets the source of recently active users.</summary>
    IActiveUserSource ActiveUsers { get; }

    /// <summary>Gets the credits of a new account; the tests expect 100.</summary>
    long InitialCredits { get; }

    /// <summary>
    /// Gets a value that indicates whether only one process uses the store, so that opening it releases the reservations of earlier lease
    /// owners.
    /// </summary>
    bool HasOneOwner { get; }

    /// <summary>Closes the store as at a clean stop and opens it again on the same data.</summary>
    /// <returns>A task that completes when the store is open.</returns>
    ValueTask ReopenAsync();
}
