namespace RestartDrill.Books;

/// <summary>What a client knows when it sends a request; the answer may not be older.</summary>
/// <param name="Acknowledged">Payments that the server has acknowledged.</param>
/// <param name="Version">The highest version it was told.</param>
/// <param name="Floor">The same as a header.</param>
internal readonly record struct Expectation(int Acknowledged, long Version, string? Floor);
