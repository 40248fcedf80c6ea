using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>The events of the scheme that this package sets. They record whether the host has added its own handler.</summary>
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

    /// <summary>Gets a value that indicates whether the host added no handler.</summary>
    public bool AreOurs =>
        OnTokenValidated == _onTokenValidated
            && OnMessageReceived == _onMessageReceived
            && OnAuthenticationFailed == _onAuthenticationFailed;
}
