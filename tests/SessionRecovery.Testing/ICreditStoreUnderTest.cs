using SessionRecovery.Credits;
using SessionRecovery.Warming;

namespace SessionRecovery.Testing;

/// <summary>A store with data of its own, as the contract's tests need it.</summary>
public interface ICreditStoreUnderTest : IAsyncDisposable
{
    /// <summary>The store; another object after <see cref="ReopenAsync"/>.</summary>
    ICreditStore Store { get; }

    /// <summary>Who was here lately.</summary>
    IActiveUserSource ActiveUsers { get; }

    /// <summary>What a new account gets.</summary>
    long InitialCredits { get; }

    /// <summary>Whether only one process uses the store, so that opening it ends the holds of runners.</summary>
    bool HasOneOwner { get; }

    /// <summary>Ends the store as at a clean stop and opens it again on the same data.</summary>
    ValueTask ReopenAsync();
}
