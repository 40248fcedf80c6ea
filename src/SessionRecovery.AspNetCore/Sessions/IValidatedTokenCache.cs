using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Sessions;

/// <summary>
/// Caches validated tokens between requests. An authentication scheme with such a cache registers it as this service, so that <c>POST
/// /session/end</c> can remove the token of a session that ends. Thread-safe.
/// </summary>
public interface IValidatedTokenCache
{
    /// <summary>Removes a token. A token that is not cached has no effect.</summary>
    /// <param name="token">The token.</param>
    void Remove(AccessToken token);
}
