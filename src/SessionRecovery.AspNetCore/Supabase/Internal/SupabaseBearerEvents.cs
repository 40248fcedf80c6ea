using Microsoft.AspNetCore.Authentication.JwtBearer;
using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Supabase.Internal;

/// <summary>A token that could not be checked is answered 503 and not 401: an outage must not look like a refusal.</summary>
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

    /// <summary>Whether the host put no handler of its own beside ours that looks at tokens.</summary>
    public bool AreOurs => OnTokenValidated == _onTokenValidated && OnMessageReceived == _onMessageReceived && OnAuthenticationFailed == _onAuthenticationFailed;

    public override async Task Challenge(JwtBearerChallengeContext context)
    {
        await base.Challenge(context).ConfigureAwait(false);
        if (!context.Handled && context.AuthenticateFailure is SigningKeysUnavailableException)
        {
            context.HandleResponse();
            context.Response.Headers.CacheControl = "private, no-store";
            await context.Response.WriteAsync(Problems.AuthorityUnavailable).ConfigureAwait(false);
        }
    }
}
