using TestRequirements;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn;

namespace SessionRecovery.Supabase.Tests.Hosting;

/// <summary>Starts test doubles of Supabase, each with its own database.</summary>
internal static class StandIns
{
    /// <summary>Starts a test double of Supabase. If PostgreSQL is not installed, the test fails on CI and is skipped elsewhere.</summary>
    public static Task<StandIn> StartAsync(StandInOptions? options = null)
    {
        Requirement.Met(ThrowAwayPostgres.UnavailableReason);
        return StandIn.StartAsync(options);
    }

    /// <summary>Sets the provider options that connect a host to this test double.</summary>
    public static void Configure(this StandIn standIn, SupabaseOptions options)
    {
        options.Url = standIn.Url;
        options.PublishableKey = standIn.Keys.Publishable;
        options.SecretKey = standIn.Keys.Secret;
    }
}
