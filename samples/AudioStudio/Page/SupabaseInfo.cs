namespace AudioStudio.Page;

/// <summary>What a page needs to sign in at Supabase; the secret key is not for it.</summary>
internal sealed record SupabaseInfo(string Url, string PublishableKey);
