using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Sessions;

/// <summary>
/// Caches validated tokens between requests. If an authentication scheme caches tokens, it registers its cache as this service, so that
/// <c>POST /session/end</c> can remove the token of a session that ends. Implementations must be thread-safe.
/// </summary>
public interface IValidatedTokenCache
{
    /// <summary>Removes a token from the cache. The method has no effect if the token is not cached.</summary>
    /// <param name="token">The token.</param>
    void Remove(AccessToken token);
}
