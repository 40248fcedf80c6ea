namespace AudioStudio.Page;

/// <summary>The settings that the page needs to sign in at Supabase. They do not include the secret key.</summary>
internal sealed record SupabaseInfo(string Url, string PublishableKey);
