using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SessionRecovery.Supabase.Setup.Internal;

/// <summary>
/// Sets the project URL and the keys from the environment variables of Supabase's own tools. The variables are used only if neither code
/// nor the configuration section <c>SessionRecovery:Supabase</c> sets the value.
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

    // An environment variable with an empty value is treated as a missing variable.
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
