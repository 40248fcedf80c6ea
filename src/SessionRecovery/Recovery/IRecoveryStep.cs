using SessionRecovery.Sessions;

namespace SessionRecovery.Recovery;

/// <summary>One thing to put right when a session is recovered. Steps run in the order of registration; the first that fails ends the recovery.</summary>
/// <remarks>A host may add its own, for what it caches per user. Resolved in a scope of its own for every recovery.</remarks>
public interface IRecoveryStep
{
    /// <summary>The name in reports: snake_case, at most 64 characters.</summary>
    string Name { get; }

    /// <summary>Does it. Repeatable: a recovery may be tried again.</summary>
    /// <returns><see langword="null"/> when it is done, else why not: a code in snake_case.</returns>
    ValueTask<string?> RunAsync(UserSession session, CancellationToken cancellationToken);
}
