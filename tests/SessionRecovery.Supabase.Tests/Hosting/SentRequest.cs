namespace SessionRecovery.Supabase.Tests.Hosting;

/// <summary>A request as it went out.</summary>
internal sealed record SentRequest(string Method, string Target, string? Key, string? Authorization, string Body, string? Range = null);
