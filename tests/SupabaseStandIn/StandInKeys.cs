namespace SupabaseStandIn;

/// <summary>Contains the API keys of the project, in the new and the legacy format.</summary>
/// <param name="Publishable">The publishable key (<c>sb_publishable_…</c>).</param>
/// <param name="Secret">The secret key (<c>sb_secret_…</c>).</param>
/// <param name="Anon">The legacy JWT with the role <c>anon</c>.</param>
/// <param name="ServiceRole">The legacy JWT with the role <c>service_role</c>.</param>
/// <param name="JwtSecret">The legacy shared secret, for hosts that verify HS256 themselves.</param>
public sealed record StandInKeys(string Publishable, string Secret, string Anon, string ServiceRole, string JwtSecret);
