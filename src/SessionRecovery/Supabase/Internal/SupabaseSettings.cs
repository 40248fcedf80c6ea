using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace SessionRecovery.Supabase.Internal;

/// <summary>
/// The section <c>SessionRecovery:Supabase</c> wins over code, so that an operator can set what a developer wrote; the names that
/// Supabase's own tools use fill what neither says. A host without configuration has none.
/// </summary>
internal static class SupabaseSettings
{
    public static void Apply(SupabaseOptions options, IServiceProvider services)
    {
        if (services.GetService<IConfiguration>() is not { } configuration)
        {
            return;
        }

        var section = configuration.GetSection("SessionRecovery:Supabase");
        options.Url = section[nameof(options.Url)] ?? Otherwise(options.Url, configuration["SUPABASE_URL"]);
        options.PublishableKey = section[nameof(options.PublishableKey)]
            ?? Otherwise(options.PublishableKey, configuration["SUPABASE_PUBLISHABLE_KEY"] ?? configuration["SUPABASE_ANON_KEY"]);
        options.SecretKey = section[nameof(options.SecretKey)]
            ?? Otherwise(options.SecretKey, configuration["SUPABASE_SECRET_KEY"] ?? configuration["SUPABASE_SERVICE_ROLE_KEY"]);
        options.Table = section[nameof(options.Table)] ?? options.Table;
        options.UserIdColumn = section[nameof(options.UserIdColumn)] ?? options.UserIdColumn;
        options.CreditsColumn = section[nameof(options.CreditsColumn)] ?? options.CreditsColumn;
        options.ActivityTable = section[nameof(options.ActivityTable)] ?? options.ActivityTable;
        options.ActivityUserIdColumn = section[nameof(options.ActivityUserIdColumn)] ?? options.ActivityUserIdColumn;
        options.ActivityTimeColumn = section[nameof(options.ActivityTimeColumn)] ?? options.ActivityTimeColumn;
        options.Bucket = section[nameof(options.Bucket)] ?? options.Bucket;
        options.ReadAs = section[nameof(options.ReadAs)] switch
        {
            null => options.ReadAs,
            { } text when Enum.TryParse<SupabaseReadAs>(text, ignoreCase: true, out var value) => value,
            _ => throw Malformed(nameof(options.ReadAs), "User or Server"),
        };
        options.VerifyAtAuth = section[nameof(options.VerifyAtAuth)] switch
        {
            null => options.VerifyAtAuth,
            { } text when bool.TryParse(text, out var value) => value,
            _ => throw Malformed(nameof(options.VerifyAtAuth), "true or false"),
        };
        options.RequestTimeout = section[nameof(options.RequestTimeout)] switch
        {
            null => options.RequestTimeout,
            { } text when TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) => value,
            _ => throw Malformed(nameof(options.RequestTimeout), "a time such as 00:00:05"),
        };
        options.MaxReadAttempts = section[nameof(options.MaxReadAttempts)] switch
        {
            null => options.MaxReadAttempts,
            { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) => value,
            _ => throw Malformed(nameof(options.MaxReadAttempts), "a number such as 3"),
        };
    }

    private static string Otherwise(string? value, string? fallback) => string.IsNullOrEmpty(value) ? fallback ?? string.Empty : value;

    private static InvalidOperationException Malformed(string setting, string expected) => new($"SessionRecovery:Supabase:{setting} must be {expected}.");
}
