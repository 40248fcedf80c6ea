using System.Text.Json;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Represents the caller of a database function, with its database role and the claims of its verified token.</summary>
internal sealed record Caller(string Role, string Claims)
{
    public static Caller Anon { get; } = new("anon", """{"role":"anon"}""");

    public static Caller Server { get; } = new("service_role", """{"role":"service_role","iss":"supabase"}""");

    public static Caller User(Guid id) =>
        new("authenticated", JsonSerializer.Serialize(
            new Dictionary<string, string> { ["sub"] = id.ToString(), ["role"] = "authenticated", ["aud"] = "authenticated" }));

    public override string ToString() => Role;
}
