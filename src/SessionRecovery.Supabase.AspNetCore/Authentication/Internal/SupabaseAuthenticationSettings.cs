using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionRecovery.Supabase;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>
/// Sets the project URL and the legacy secret if neither code nor configuration sets them. The URL comes from <c>UseSupabase</c>. If
/// <c>UseSupabase</c> provides no URL, the URL comes from the environment variable <c>SUPABASE_URL</c>. The secret comes from the
/// environment variable <c>SUPABASE_JWT_SECRET</c>.
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
