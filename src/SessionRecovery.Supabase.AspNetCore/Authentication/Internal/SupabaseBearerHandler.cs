using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Shared;
using SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;
using SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>
/// Extends the bearer handler of ASP.NET Core with a fast path for tokens that were validated before. Other tokens are validated by
/// <see cref="SupabaseTokenHandler"/>. If a token can be neither validated nor rejected, the response is 503 and not 401, so that clients
/// can distinguish an outage from a rejected token.
/// </summary>
internal sealed class SupabaseBearerHandler(
    SupabaseTokenHandler tokens,
    ValidationRules rules,
    IOptionsMonitor<JwtBearerOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder) : JwtBearerHandler(options, new JwtBearerLoggers(logger), encoder)
{
    // The body of the 503 response, which is the same as in the endpoints of SessionRecovery. The text is a constant, because a host may
    // use this scheme without the endpoints of SessionRecovery.
    private const string VerifierUnavailable =
        """{"type":"about:blank","status":503,"code":"authority_unavailable",""" +
        "\"title\":\"The access token cannot be verified at the moment.\"}";

    // The token cache is used only if the host has set no events and no validation rules, because the host's events and rules must run for
    // every token. The property is evaluated for each request, because the host may set the events and rules at any time during its
    // configuration.
    private bool MayUseCache =>
        Options is
        {
            EventsType: null,
            Events: SupabaseBearerEvents { AreOurs: true },
            SaveToken: false,
            Configuration: null,
            ConfigurationManager: null,
            TokenHandlers: [SupabaseTokenHandler],
        }
        && rules.AreIn(Options.TokenValidationParameters);

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var text = BearerToken.GetText(Request);
        if (!text.IsEmpty && MayUseCache && tokens.FindValidated(text) is { } validated)
        {
            BearerToken.Keep(Request, validated.Token);
            return Task.FromResult(AuthenticateResult.Success(validated.CreateTicket(Scheme.Name)));
        }

        return base.HandleAuthenticateAsync();
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync().ConfigureAwait(false);
        if (result.Failure is not SigningKeysUnavailableException)
        {
            await base.HandleChallengeAsync(properties).ConfigureAwait(false);
            return;
        }

        Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        Response.ContentType = "application/problem+json";
        Response.Headers.CacheControl = "private, no-store";
        Response.Headers.RetryAfter = "1";
        if (!HttpMethods.IsHead(Request.Method))
        {
            await Response.WriteAsync(VerifierUnavailable, Context.RequestAborted).ConfigureAwait(false);
        }
    }
}
