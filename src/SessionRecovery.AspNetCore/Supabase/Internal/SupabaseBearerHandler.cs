using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Sessions.Internal;

namespace SessionRecovery.AspNetCore.Supabase.Internal;

/// <summary>The framework's bearer handler, with a short way for a token that was verified before. The long way ends in <see cref="SupabaseTokenHandler"/>.</summary>
internal sealed class SupabaseBearerHandler(
    SupabaseTokenHandler tokens,
    IOptionsMonitor<JwtBearerOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder) : JwtBearerHandler(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (SessionReader.BearerOf(Request) is { } token && tokens.Recall(token.Reveal()) is { } remembered)
        {
            var properties = new AuthenticationProperties { ExpiresUtc = remembered.ExpiresAt };
            var ticket = new AuthenticationTicket(new ClaimsPrincipal(remembered.Identity.Clone()), properties, Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(ticket));
        }

        return base.HandleAuthenticateAsync();
    }
}
