using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>The events as we set them up, which know whether the host put a handler of its own among them.</summary>
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

    /// <summary>Whether no handler of the host's wants to see tokens.</summary>
    public bool AreOurs =>
        OnTokenValidated == _onTokenValidated
            && OnMessageReceived == _onMessageReceived
            && OnAuthenticationFailed == _onAuthenticationFailed;
}
