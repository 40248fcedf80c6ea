using System.Reflection;
using FluentAssertions;
using TestRequirements;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn;

namespace SessionRecovery.BrowserTests.Running;

/// <summary>A stand-in of Supabase, and what tells AudioStudio of it.</summary>
internal static class SupabaseProject
{
    private static readonly string ClientScript = typeof(SupabaseProject).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static metadata => metadata.Key == "SupabaseClientScript").Value!;

    /// <summary>Starts one. What is missing fails the test on CI; elsewhere the test is skipped with the reason.</summary>
    public static Task<StandIn> StartAsync()
    {
        Requirement.Met(Missing());
        return StandIn.StartAsync();
    }

    /// <summary>Ends it when its books were seen to be right.</summary>
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

    private static string? Missing() => ThrowAwayPostgres.WhyNot
        ?? (File.Exists(ClientScript) ? null : "Supabase's client is not installed: run 'npm ci' in tests/browser-module.");
}
