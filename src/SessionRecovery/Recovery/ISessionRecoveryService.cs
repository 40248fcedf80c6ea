using SessionRecovery.Sessions;

namespace SessionRecovery.Recovery;

/// <summary>The server's part of a recovery, the only thing that changes a session. Thread-safe.</summary>
/// <remarks>One recovery per user and token at a time, which callers join; within the cooldown after its end its last result again.</remarks>
public interface ISessionRecoveryService
{
    /// <summary>Checks the session and, if it is unhealthy, runs the steps.</summary>
    /// <param name="session">Whose.</param>
    /// <param name="trigger">What made the client ask, in snake_case; an unknown one is counted as <c>other</c>.</param>
    /// <param name="cancellationToken">Ends this caller's wait, not the recovery that others share.</param>
    ValueTask<SessionRecoveryResult> RecoverAsync(UserSession session, string trigger, CancellationToken cancellationToken = default);
}
