using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Tests.Symptoms;

/// <summary>
/// The responses of two services during one failure, and the expected effects on reads, token verification and session health.
/// </summary>
/// <param name="Name">The name of the failure.</param>
/// <param name="Auth">The response of <c>/user</c>, or <see langword="null"/> for no response.</param>
/// <param name="Rest">The response of PostgREST, or <see langword="null"/> for no response.</param>
/// <param name="CreditRead">The expected credit read result.</param>
/// <param name="Verification">The expected token verification result.</param>
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
