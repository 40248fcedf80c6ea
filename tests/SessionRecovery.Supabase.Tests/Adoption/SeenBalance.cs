namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>What a user saw at the host, and between when and when it was asked for. <see cref="Owned"/> includes what a paid request holds.</summary>
internal sealed record SeenBalance(Guid User, string Status, long? Owned, DateTimeOffset Asked, DateTimeOffset Answered);
