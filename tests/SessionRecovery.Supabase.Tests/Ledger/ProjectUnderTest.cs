namespace SessionRecovery.Supabase.Tests.Ledger;

/// <summary>Reads from environment variables which local stack or hosted project the tests use instead of the test double.</summary>
internal static class ProjectUnderTest
{
    private static readonly string? Url = Environment.GetEnvironmentVariable("SUPABASE_URL");

    public static bool IsNamed => !string.IsNullOrEmpty(Url);

    public static void Configure(SupabaseOptions options)
    {
        options.Url = Url!;
        options.PublishableKey = Key("SUPABASE_ANON_KEY");
        options.SecretKey = Key("SUPABASE_SERVICE_ROLE_KEY");
    }

    private static string Key(string name) =>
        Environment.GetEnvironmentVariable(name)
            ?? throw new InvalidOperationException($"SUPABASE_URL names a project, and {name} is not set.");
}
