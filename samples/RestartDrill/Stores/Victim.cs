namespace RestartDrill.Stores;

/// <summary>The process that a kill ends.</summary>
internal enum Victim
{
    Studio,

    /// <summary>The test server that replaces the Supabase services.</summary>
    Services,

    Database,

    /// <summary>All processes at once.</summary>
    Everything,
}
