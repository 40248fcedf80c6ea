using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>Sets the bearer scheme up; the host may change what it likes after it.</summary>
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

    // The clock is the host's, which a test can turn; Supabase's tokens have no "not before".
    private bool IsWithinLifetime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is { } end
            && now < end + parameters.ClockSkew
            && (notBefore is not { } begin || now >= begin - parameters.ClockSkew);
    }
}
