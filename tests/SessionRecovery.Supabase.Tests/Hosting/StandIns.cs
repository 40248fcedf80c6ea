using TestRequirements;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn;

namespace SessionRecovery.Supabase.Tests.Hosting;

/// <summary>Creates stand-ins for tests, each with its own database.</summary>
internal static class StandIns
{
    /// <summary>Starts a stand-in. Without PostgreSQL, the test fails on CI and is skipped elsewhere.</summary>
    public static Task<StandIn> StartAsync(StandInOptions? options = null)
    {
        Requirement.Met(ThrowAwayPostgres.UnavailableReason);
        return StandIn.StartAsync(options);
    }

    /// <summary>Returns provider options for this stand-in.</summary>
    public static void Configure(this StandIn standIn, SupabaseOptions options)
    {
        options.Url = standIn.Url;
        options.PublishableKey = standIn.Keys.Publishable;
        options.SecretKey = standIn.Keys.Secret;
    }
}
