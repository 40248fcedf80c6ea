namespace RestartDrill.Books;

/// <summary>A balance as the server told it.</summary>
/// <param name="Available">What can be spent.</param>
/// <param name="Held">What is reserved, where the answer says it.</param>
/// <param name="Version">The store's count of changes.</param>
/// <param name="Floor">The header that says from now on which version this client has seen.</param>
internal sealed record Balance(long Available, long? Held, long Version, string Floor);
