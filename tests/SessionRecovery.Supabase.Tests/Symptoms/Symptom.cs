using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Tests.Symptoms;

/// <summary>
/// What two services answer during one kind of failure, and what that must do to a reading, to the authority's verdict and to the health of
/// the session.
/// </summary>
/// <param name="Name">The failure.</param>
/// <param name="Auth">What <c>/user</c> answers; <see langword="null"/> for no answer at all.</param>
/// <param name="Rest">What PostgREST answers; <see langword="null"/> for no answer at all.</param>
/// <param name="Reading">What a caller is told about credits.</param>
/// <param name="Verdict">What the authority says about the token.</param>
/// <param name="Health">What the health report says; only <c>Unhealthy</c> may start a recovery.</param>
internal sealed record Symptom(
    string Name,
    Func<HttpResponseMessage>? Auth,
    Func<HttpResponseMessage>? Rest,
    CreditReadStatus Reading,
    TokenVerificationStatus Verdict,
    SessionHealthStatus Health)
{
    public override string ToString() => Name;
}
