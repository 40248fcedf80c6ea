using System.Reflection;
using FluentAssertions;
using TestRequirements;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn;

namespace SessionRecovery.BrowserTests.Running;

/// <summary>Starts a test double of Supabase and provides the arguments that connect AudioStudio to it.</summary>
internal static class SupabaseProject
{
    private static readonly string ClientScript = typeof(SupabaseProject).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static metadata => metadata.Key == "SupabaseClientScript").Value!;

    /// <summary>
    /// Starts a test double of Supabase. If a required program is missing, the test fails on CI and is skipped elsewhere.
    /// </summary>
    public static Task<StandIn> StartAsync()
    {
        Requirement.Met(Missing());
        return StandIn.StartAsync();
    }

    /// <summary>Audits the ledger and stops the test double.</summary>
    public static async Task StopAsync(StandIn? supabase)
    {
        if (supabase is null)
        {
            return;
        }

        await using (supabase)
        {
            (await supabase.Control.AuditAsync()).Should().BeEmpty();
        }
    }

    public static string[] Arguments(StandIn? supabase) => supabase is null ? [] :
    [
        "--Supabase:Url", supabase.Url,
        "--Supabase:PublishableKey", supabase.Keys.Publishable,
        "--Supabase:SecretKey", supabase.Keys.Secret,
        "--Supabase:ClientScript", ClientScript,
    ];

    private static string? Missing() => ThrowAwayPostgres.UnavailableReason
        ?? (File.Exists(ClientScript) ? null : "Supabase's client is not installed: run 'npm ci' in tests/browser-module.");
}
