using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>The section <c>SessionRecovery:Sqlite</c>, which wins over code, so that an operator can set what a developer wrote. A host without configuration has none.</summary>
internal static class SqliteStoreSettings
{
    public static void Apply(SqliteStoreOptions options, IServiceProvider services)
    {
        if (services.GetService<IConfiguration>()?.GetSection("SessionRecovery:Sqlite") is not { } section)
        {
            return;
        }

        if (section[nameof(options.InitialCredits)] is { } credits)
        {
            options.InitialCredits = long.TryParse(credits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw Malformed(nameof(options.InitialCredits), "a whole number");
        }

        options.OwnerLockTimeout = Time(section, nameof(options.OwnerLockTimeout)) ?? options.OwnerLockTimeout;
        options.BusyTimeout = Time(section, nameof(options.BusyTimeout)) ?? options.BusyTimeout;
    }

    private static TimeSpan? Time(IConfigurationSection section, string setting) => section[setting] switch
    {
        null => null,
        { } text when TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) => value,
        _ => throw Malformed(setting, "a time such as 00:00:10"),
    };

    private static InvalidOperationException Malformed(string setting, string expected) => new($"SessionRecovery:Sqlite:{setting} must be {expected}.");
}
