namespace RestartDrill.Stores;

/// <summary>The process that a kill ends.</summary>
internal enum Victim
{
    Studio,

    /// <summary>The stand-in of the Supabase services.</summary>
    Services,

    Database,

    /// <summary>All processes at once.</summary>
    Everything,
}
