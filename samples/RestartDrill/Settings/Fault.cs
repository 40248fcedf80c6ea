namespace RestartDrill.Settings;

/// <summary>A mistake that the drill's own clients make on request, to show that it would be found.</summary>
internal enum Fault
{
    None,

    /// <summary>A client forgets its key, and repeats what got no answer with a new one: it pays twice.</summary>
    NewKeyOnRepeat,
}
