using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Tests.Symptoms;

/// <summary>
/// Contains the responses of Supabase Auth and PostgREST during one type of failure, and the expected results of balance reads, token
/// verifications and health checks.
/// </summary>
/// <param name="Name">The name of the failure.</param>
/// <param name="Auth">The response of the Auth endpoint <c>/user</c>, or <see langword="null"/> if there is no response.</param>
/// <param name="Rest">The response of PostgREST, or <see langword="null"/> if there is no response.</param>
/// <param name="CreditRead">The expected result of a balance read.</param>
/// <param name="Verification">The expected result of a token verification.</param>
/// <param name="Health">The expected health status. Only <c>Unhealthy</c> may start a recovery.</param>
/// <param name="IsExpired">Whether the token has expired by the host's clock.</param>
internal sealed record Symptom(
    string Name,
    Func<HttpResponseMessage>? Auth,
    Func<HttpResponseMessage>? Rest,
    CreditReadStatus CreditRead,
    TokenVerificationStatus Verification,
    SessionHealthStatus Health,
    bool IsExpired = false)
{
    public override string ToString() => Name;
}
