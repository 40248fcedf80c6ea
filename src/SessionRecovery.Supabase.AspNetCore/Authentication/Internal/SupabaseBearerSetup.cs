using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>Configures the bearer scheme for Supabase access tokens. The host's own configuration of the scheme runs afterwards.</summary>
internal sealed class SupabaseBearerSetup(SupabaseTokenHandler handler, ValidationRules rules) : IConfigureNamedOptions<JwtBearerOptions>
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
        bearer.TokenValidationParameters = rules.Create();
    }
}
