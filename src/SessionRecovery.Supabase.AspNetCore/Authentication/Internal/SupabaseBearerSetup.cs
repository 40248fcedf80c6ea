using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>Configures the bearer scheme for Supabase access tokens. The host's own configuration of the scheme runs afterwards.</summary>
internal sealed class SupabaseBearerSetup(
    SupabaseTokenHandler handler,
    IOptions<SupabaseAuthenticationOptions> options,
    TimeProvider time) : IConfigureNamedOptions<JwtBearerOptions>
{
    public void Configure(JwtBearerOptions bearer) => Configure(JwtBearerDefaults.AuthenticationScheme, bearer);

    public void Configure(string? name, JwtBearerOptions bearer)
    {
        if (name != JwtBearerDefaults.AuthenticationScheme)
        {
            return;
        }

        bearer.MapInboundClaims = false;
        bearer.SaveToken = false;
        bearer.Events = new SupabaseBearerEvents();
        bearer.TokenHandlers.Clear();
        bearer.TokenHandlers.Add(handler);
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = string.IsNullOrEmpty(options.Value.Issuer) ? $"{options.Value.Url.TrimEnd('/')}/auth/v1" : options.Value.Issuer,
            ValidAudience = options.Value.Audience,
            ClockSkew = options.Value.ClockSkew,
            NameClaimType = "email",
            RoleClaimType = "role",
            LifetimeValidator = IsWithinLifetime,
        };
    }

    // Checks the expiry of a token with the host's TimeProvider, which tests can control. The claim "nbf" is not checked, because
    // Supabase's access tokens do not contain it.
    private bool IsWithinLifetime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is { } end
            && now < end + parameters.ClockSkew
            && (notBefore is not { } begin || now >= begin - parameters.ClockSkew);
    }
}
