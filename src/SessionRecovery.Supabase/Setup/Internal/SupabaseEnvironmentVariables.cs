using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SessionRecovery.Supabase.Setup.Internal;

/// <summary>
/// Sets the address and the keys from the environment variables of Supabase's own tools, if neither code nor the section
/// <c>SessionRecovery:Supabase</c> sets them.
/// </summary>
internal sealed class SupabaseEnvironmentVariables(IServiceProvider services) : IPostConfigureOptions<SupabaseOptions>
{
    public void PostConfigure(string? name, SupabaseOptions options)
    {
        if (services.GetService<IConfiguration>() is not { } configuration)
        {
            return;
        }

        options.Url = FirstSet(options.Url, configuration["SUPABASE_URL"]) ?? string.Empty;
        options.PublishableKey = FirstSet(
            options.PublishableKey, configuration["SUPABASE_PUBLISHABLE_KEY"], configuration["SUPABASE_ANON_KEY"]) ?? string.Empty;
        options.SecretKey = FirstSet(
            options.SecretKey, configuration["SUPABASE_SECRET_KEY"], configuration["SUPABASE_SERVICE_ROLE_KEY"]);
    }

    // An environment variable with an empty value counts as not set.
    private static string? FirstSet(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrEmpty(value))
            {
                return value;
            }
        }

        return null;
    }
}
