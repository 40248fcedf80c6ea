namespace RestartDrill.Stores;

/// <summary>Specifies the processes that are killed.</summary>
internal enum Victim
{
    Studio,

    /// <summary>The test server that replaces the Supabase services.</summary>
    Services,

    Database,

    /// <summary>All processes at once.</summary>
    Everything,
}
