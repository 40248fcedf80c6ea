using System.Text.RegularExpressions;
using SessionRecovery.AspNetCore.Credits;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.Credits;
using SessionRecovery.Files;
using SessionRecovery.Health;
using SessionRecovery.Recovery;
using SessionRecovery.Sqlite;
using SessionRecovery.Supabase;
using SessionRecovery.Supabase.AspNetCore;
using SessionRecovery.Warming;

namespace Docs.Tests.Pages;

/// <summary>Represents one row of a table in docs/configuration.md.</summary>
internal sealed record ConfigurationRow(string Section, string Key, string Type, string Default, string ValidValues)
{
    public override string ToString() => $"{Section}:{Key}";
}

/// <summary>Reads the tables in docs/configuration.md.</summary>
internal static partial class ConfigurationPage
{
    public static IReadOnlyDictionary<string, Type> Types { get; } = new Dictionary<string, Type>
    {
        ["Credits"] = typeof(CreditOptions),
        ["Health"] = typeof(HealthOptions),
        ["Recovery"] = typeof(RecoveryOptions),
        ["Warming"] = typeof(WarmingOptions),
        ["Files"] = typeof(UserFileOptions),
        ["PaidRequests"] = typeof(PaidRequestOptions),
        ["Session"] = typeof(UserSessionOptions),
        ["Sqlite"] = typeof(SqliteStoreOptions),
        ["Supabase"] = typeof(SupabaseOptions),
        ["SupabaseAuthentication"] = typeof(SupabaseAuthenticationOptions),
    };

    public static IReadOnlyList<ConfigurationRow> Rows { get; } = Read().ToList();

    private static IEnumerable<ConfigurationRow> Read()
    {
        var section = string.Empty;
        foreach (var (_, line) in Repository.ReadProse("docs/configuration.md"))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                section = line[3..];
            }
            else if (Types.ContainsKey(section) && Row().Match(line) is { Success: true } row)
            {
                var cells = row.Groups;
                yield return new ConfigurationRow(section, cells[1].Value, cells[2].Value.Trim('`'), cells[3].Value, cells[4].Value);
            }
        }
    }

    [GeneratedRegex(@"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]*?) ?\| [^|]+ \|$")]
    private static partial Regex Row();
}
