namespace AudioStudio.Page;

/// <summary>Represents the settings that the page needs to sign in at Supabase. The settings do not include the secret key.</summary>
internal sealed record SupabaseInfo(string Url, string PublishableKey);
