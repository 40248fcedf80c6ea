using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>What remembers tokens between requests, and must forget one when its session ends here.</summary>
internal interface ITokenValidationCache
{
    /// <summary>Forgets a token; one that is not known is no matter.</summary>
    void Forget(AccessToken token);
}
