namespace RestartDrill.Ledgers;

/// <summary>Represents the state that a client has seen when it sends a request. The response must not contain an older state.</summary>
/// <param name="Acknowledged">The payments that the server has acknowledged.</param>
/// <param name="Version">The highest version that the client has seen.</param>
/// <param name="VersionToken">The version token with that version.</param>
internal readonly record struct Expectation(int Acknowledged, long Version, string? VersionToken);
