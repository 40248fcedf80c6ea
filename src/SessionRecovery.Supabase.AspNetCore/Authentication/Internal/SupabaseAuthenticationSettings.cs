using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionRecovery.Supabase;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>
/// Sets the address and the legacy secret if neither code nor the section sets them: from <c>UseSupabase</c>, then from the environment
/// variables of Supabase's own tools.
/// </summary>
internal sealed class SupabaseAuthenticationSettings(
    IConfiguration configuration,
    IServiceProvider services) : IPostConfigureOptions<SupabaseAuthenticationOptions>
{
    public void PostConfigure(string? name, SupabaseAuthenticationOptions options)
    {
        if (options.Url.Length == 0)
        {
            var supabase = services.GetRequiredService<IOptions<SupabaseOptions>>().Value;
            options.Url = supabase.Url is { Length: > 0 } url ? url : configuration["SUPABASE_URL"] ?? string.Empty;
            options.AllowInsecureHttp |= supabase.AllowInsecureHttp;
        }

        options.JwtSecret ??= configuration["SUPABASE_JWT_SECRET"];
        if (options.JwtSecret?.Length == 0)
        {
            options.JwtSecret = null;
        }
    }
}
