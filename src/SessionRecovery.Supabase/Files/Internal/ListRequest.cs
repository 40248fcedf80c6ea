namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>
/// Represents the body of a request that lists objects. <c>Prefix</c> is the folder, and <c>Search</c> is the beginning of an object name
/// in this folder.
/// </summary>
internal sealed record ListRequest(string Prefix, string Search, int Limit, int Offset, ListOrder SortBy);
