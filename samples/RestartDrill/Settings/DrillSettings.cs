namespace RestartDrill.Settings;

/// <summary>What one drill does.</summary>
/// <param name="Kills">How often the server is killed.</param>
/// <param name="Seed">Decides the moments of the kills and what the clients ask.</param>
/// <param name="Fault">A mistake of the clients.</param>
/// <param name="Supabase">Whether everything is kept by a stand-in of Supabase, which is killed too, and its PostgreSQL with it.</param>
internal sealed record DrillSettings(int Kills, int Seed, Fault Fault, bool Supabase = false)
{
    public const int DefaultKills = 10;

    public const int MostKills = 10_000;

    /// <summary>Far more than a drill needs; one that takes longer is stuck.</summary>
    public TimeSpan TimeLimit => TimeSpan.FromSeconds(60 + ((Supabase ? 30 : 15) * Kills));
}
