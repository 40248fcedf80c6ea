namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>The body of a list request. The prefix is a folder; the search is the beginning of a name in it.</summary>
internal sealed record ListRequest(string Prefix, string Search, int Limit, int Offset, ListOrder SortBy);
