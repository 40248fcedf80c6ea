using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>
/// Represents the default events of the Supabase bearer scheme. The type makes it possible to detect whether the host has added event
/// handlers of its own.
/// </summary>
internal sealed class SupabaseBearerEvents : JwtBearerEvents
{
    private readonly Func<TokenValidatedContext, Task> _onTokenValidated;
    private readonly Func<MessageReceivedContext, Task> _onMessageReceived;
    private readonly Func<AuthenticationFailedContext, Task> _onAuthenticationFailed;

    public SupabaseBearerEvents()
    {
        _onTokenValidated = OnTokenValidated;
        _onMessageReceived = OnMessageReceived;
        _onAuthenticationFailed = OnAuthenticationFailed;
    }

    /// <summary>Gets a value that is <see langword="true"/> if the host has added no event handler.</summary>
    public bool AreOurs =>
        OnTokenValidated == _onTokenValidated
            && OnMessageReceived == _onMessageReceived
            && OnAuthenticationFailed == _onAuthenticationFailed;
}
