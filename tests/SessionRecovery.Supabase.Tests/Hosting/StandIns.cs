using TestRequirements;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn;

namespace SessionRecovery.Supabase.Tests.Hosting;

/// <summary>Stand-ins for tests: each with a database of its own.</summary>
internal static class StandIns
{
    /// <summary>Starts one. On CI the test fails where PostgreSQL is missing, elsewhere it is skipped.</summary>
    public static Task<StandIn> StartAsync(StandInOptions? options = null)
    {
        Requirement.Met(ThrowAwayPostgres.WhyNot);
        return StandIn.StartAsync(options);
    }

    /// <summary>The options of a provider over this stand-in.</summary>
    public static void Configure(this StandIn standIn, SupabaseOptions options)
    {
        options.Url = standIn.Url;
        options.PublishableKey = standIn.Keys.Publishable;
        options.SecretKey = standIn.Keys.Secret;
    }
}
