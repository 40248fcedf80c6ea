namespace SupabaseStandIn;

/// <summary>The project's API keys, of both generations.</summary>
/// <param name="Publishable"><c>sb_publishable_…</c>.</param>
/// <param name="Secret"><c>sb_secret_…</c>.</param>
/// <param name="Anon">The legacy JWT with the role <c>anon</c>.</param>
/// <param name="ServiceRole">The legacy JWT with the role <c>service_role</c>.</param>
/// <param name="JwtSecret">The legacy shared secret, for hosts that verify HS256 themselves.</param>
public sealed record StandInKeys(string Publishable, string Secret, string Anon, string ServiceRole, string JwtSecret);
