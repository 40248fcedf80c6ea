using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;

namespace SessionRecovery.AspNetCore.Supabase.Internal;

/// <summary>
/// The framework's bearer handler, with a short way for a token that was verified before; the long way ends in <see cref="SupabaseTokenHandler"/>.
/// A token that could not be checked is answered 503 and not 401: an outage must not look like a refusal.
/// </summary>
internal sealed class SupabaseBearerHandler(
    SupabaseTokenHandler tokens,
    IOptionsMonitor<JwtBearerOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder) : JwtBearerHandler(options, new JwtBearerLoggers(logger), encoder)
{
    // Asked with every request, since the host may set its events at any time of its set-up, and then wants to see every token.
    private bool MayRecall => Options is { EventsType: null, Events: SupabaseBearerEvents { AreOurs: true } };

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (MayRecall && SessionReader.GetBearerToken(Request) is { } token && tokens.Recall(token.Reveal()) is { } remembered)
        {
            var properties = new AuthenticationProperties { ExpiresUtc = remembered.ExpiresAt };
            var ticket = new AuthenticationTicket(new ClaimsPrincipal(remembered.Identity.Clone()), properties, Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(ticket));
        }

        return base.HandleAuthenticateAsync();
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync().ConfigureAwait(false);
        if (result.Failure is SigningKeysUnavailableException)
        {
            Response.Headers.CacheControl = "private, no-store";
            await Response.WriteAsync(Problems.AuthorityUnavailable).ConfigureAwait(false);
            return;
        }

        await base.HandleChallengeAsync(properties).ConfigureAwait(false);
    }
}
