using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SessionRecovery.Supabase.Setup.Internal;

/// <summary>
/// Fills address and keys that neither code nor the section <c>SessionRecovery:Supabase</c> sets from the names that Supabase's own tools
/// use.
/// </summary>
internal sealed class SupabaseEnvironmentVariables(IServiceProvider services) : IPostConfigureOptions<SupabaseOptions>
{
    public void PostConfigure(string? name, SupabaseOptions options)
    {
        if (services.GetService<IConfiguration>() is not { } configuration)
        {
            return;
        }

        options.Url = Coalesce(options.Url, configuration["SUPABASE_URL"]);
        options.PublishableKey = Coalesce(
            options.PublishableKey, configuration["SUPABASE_PUBLISHABLE_KEY"] ?? configuration["SUPABASE_ANON_KEY"]);
        options.SecretKey = Coalesce(options.SecretKey, configuration["SUPABASE_SECRET_KEY"] ?? configuration["SUPABASE_SERVICE_ROLE_KEY"]);
    }

    private static string Coalesce(string? value, string? fallback) => string.IsNullOrEmpty(value) ? fallback ?? string.Empty : value;
}
