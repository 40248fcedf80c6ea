namespace RestartDrill.Stores;

/// <summary>What one kill takes.</summary>
internal enum Victim
{
    Studio,

    /// <summary>The stand-in of Supabase's services.</summary>
    Services,

    Database,

    /// <summary>All of them at once.</summary>
    Everything,
}
