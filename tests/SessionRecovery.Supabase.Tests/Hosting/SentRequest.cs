namespace SessionRecovery.Supabase.Tests.Hosting;

/// <summary>Represents a request that the provider sent.</summary>
internal sealed record SentRequest(string Method, string Target, string? Key, string? Authorization, string Body, string? Range = null);
