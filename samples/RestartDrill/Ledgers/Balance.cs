namespace RestartDrill.Ledgers;

/// <summary>Represents a balance that the server returned.</summary>
/// <param name="Available">The credits that can be spent.</param>
/// <param name="Held">The reserved credits, if the response contains them.</param>
/// <param name="Version">The version of the balance.</param>
/// <param name="VersionToken">The version token of the balance.</param>
internal sealed record Balance(long Available, long? Held, long Version, string VersionToken);
