namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>The body of a listing. The prefix is a folder; a search is the beginning of a name in it.</summary>
internal sealed record ListRequest(string Prefix, string Search, int Limit, int Offset, ListOrder SortBy);
