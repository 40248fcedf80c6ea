namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>What a user saw at a host, and between when and when it was asked for.</summary>
/// <param name="Host">Which host answered.</param>
/// <param name="User">Who looked.</param>
/// <param name="Status">What the host says of the number.</param>
/// <param name="Owned">The number, with what a paid request holds; <see langword="null"/> for none.</param>
/// <param name="HasVersion">Whether the number came from the ledger.</param>
/// <param name="AsOf">From when the host says that the number is.</param>
/// <param name="Asked">When the question was sent.</param>
/// <param name="Answered">When the answer was there.</param>
internal sealed record SeenBalance(string Host, Guid User, string Status, long? Owned, bool HasVersion, DateTimeOffset? AsOf,
    DateTimeOffset Asked, DateTimeOffset Answered);
