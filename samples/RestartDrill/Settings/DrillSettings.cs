namespace RestartDrill.Settings;

/// <summary>Contains the settings of one drill.</summary>
/// <param name="Kills">The number of kills.</param>
/// <param name="Seed">The seed of the random numbers that determine the kill times and the requests.</param>
/// <param name="Fault">The client error to inject.</param>
/// <param name="Supabase">
/// Whether the data is stored in a test server that replaces Supabase. If so, the drill also kills the test server and its PostgreSQL.
/// </param>
/// <param name="Deploys">The number of deployments, or 0 for a drill that kills the server.</param>
/// <param name="Points">The number of kills at each named point, or 0 for a drill under load.</param>
/// <param name="Audit">The database file to audit instead of a drill, or null.</param>
/// <param name="User">The user whose credit history the audit prints, or null for the user of the latest entry.</param>
internal sealed record DrillSettings(
    int Kills,
    int Seed,
    Fault Fault,
    bool Supabase = false,
    int Deploys = 0,
    int Points = 0,
    string? Audit = null,
    string? User = null)
{
    public const int DefaultKills = 10;

    /// <summary>The number of kills at each named point, if the command line has no number.</summary>
    public const int DefaultPoints = 20;

    public const int MaxKills = 10_000;

    /// <summary>The maximum duration of a drill. A longer drill is canceled, because it is considered stuck.</summary>
    public TimeSpan TimeLimit => TimeSpan.FromSeconds(60 + ((Supabase ? 30 : 15) * Rounds));

    private int Rounds => Points > 0 ? 2 * Points : Deploys > 0 ? 2 * Deploys : Kills;
}
