using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Tests.Hosting;
using static SessionRecovery.Supabase.Tests.Hosting.ScriptedSupabase;

namespace SessionRecovery.Supabase.Tests.Symptoms;

/// <summary>
/// Tests the known failures of Supabase. No failure may return a balance of zero, and only a rejection by the token verifier may make a
/// session unhealthy.
/// </summary>
[TestFixture]
internal sealed class SymptomTests
{
    private const CreditReadStatus Known = CreditReadStatus.Current;
    private const CreditReadStatus Missing = CreditReadStatus.NotFound;
    private const CreditReadStatus Unauthenticated = CreditReadStatus.Unauthenticated;
    private const CreditReadStatus Unavailable = CreditReadStatus.Unavailable;
    private const TokenVerificationStatus Valid = TokenVerificationStatus.Valid;
    private const TokenVerificationStatus Rejected = TokenVerificationStatus.Rejected;
    private const TokenVerificationStatus NotVerified = TokenVerificationStatus.Unavailable;
    private const SessionHealthStatus Healthy = SessionHealthStatus.Healthy;
    private const SessionHealthStatus Unhealthy = SessionHealthStatus.Unhealthy;
    private const SessionHealthStatus Inconclusive = SessionHealthStatus.Inconclusive;

    private static readonly Func<HttpResponseMessage> Row = () => Json(200, """[{"credits":42}]""");

    private static IEnumerable<Symptom> All()
    {
        yield return new("no failure", User, Row, Known, Valid, Healthy);
        yield return new("a known zero", User, () => Json(200, """[{"credits":0}]"""), Known, Valid, Healthy);
        yield return new("expired token, PostgREST 13 and later", () => Auth(403, "bad_jwt"), () => Rest(401, "PGRST303", "JWT expired"),
            Unauthenticated, Rejected, Unhealthy, IsExpired: true);
        yield return new("expired token, PostgREST 12", () => Auth(403, "bad_jwt"), () => Rest(401, "PGRST301", "JWT expired"),
            Unauthenticated, Rejected, Unhealthy, IsExpired: true);
        yield return new("expired token, old error format of Auth",
            () => Json(403, """{"code":403,"error_code":"bad_jwt","msg":"invalid JWT"}"""), () =>
            Rest(401, "PGRST303", "JWT expired"), Unauthenticated, Rejected, Unhealthy, IsExpired: true);
        yield return new("clock of PostgREST behind: token not valid yet", User, () => Rest(401, "PGRST303", "JWT not yet valid"),
            Unavailable, Valid, Inconclusive);
        yield return new("clock of PostgREST behind: token issued at a later time", User,
            () => Rest(401, "PGRST303", "JWT issued at future"), Unavailable, Valid, Inconclusive);
        yield return new("recursive policy", User, () => Rest(500, "42P17", "infinite recursion detected in policy"), Unavailable, Valid,
            Inconclusive);
        yield return new("several functions of one name", User, () => Rest(300, "PGRST203", "Could not choose the best candidate function"),
            Unavailable, Valid, Inconclusive);
        yield return new("session ended elsewhere", () => Auth(403, "session_not_found"), Row, Known, Rejected, Unhealthy);
        yield return new("user banned", () => Auth(403, "user_banned"), Row, Known, Rejected, Unhealthy);
        yield return new("user deleted", () => Auth(403, "user_not_found"), Row, Known, Rejected, Unhealthy);
        yield return new("signing key revoked", () => Auth(403, "bad_jwt"),
            () => Rest(401, "PGRST301", "No suitable key or wrong key type"), Unauthenticated, Rejected, Unhealthy);
        yield return new("API key rejected by the gateway",
            () => Json(401, """{"message":"Invalid API key","hint":"Double check your API key."}"""), () =>
            Json(401, """{"message":"Invalid API key","hint":"Double check your API key."}"""), Unavailable, NotVerified, Inconclusive);
        yield return new("read not granted", User, () => Rest(403, "42501", "permission denied for table user_credits"), Unavailable, Valid,
            Inconclusive);
        yield return new("read not granted, token without a role", User,
            () => Rest(401, "42501", "permission denied for table user_credits"), Unavailable, Valid, Inconclusive);
        yield return new("row missing, or hidden by a policy", User, () => Json(200, "[]"), Missing, Valid, Healthy);
        yield return new("table missing, PostgREST 13 and later", User, () => Rest(404, "PGRST205", "Could not find the table"),
            Unavailable, Valid, Inconclusive);
        yield return new("table missing, PostgREST 12", User, () => Rest(404, "42P01", "relation does not exist"), Unavailable, Valid,
            Inconclusive);
        yield return new("column missing", User, () => Rest(400, "42703", "column does not exist"), Unavailable, Valid, Inconclusive);
        yield return new("database restarting: cannot connect", () => Auth(500, "unexpected_failure"),
            () => Rest(503, "PGRST000", "Database connection error."), Unavailable, NotVerified, Inconclusive);
        yield return new("database restarting: connection lost", () => Auth(500, "unexpected_failure"),
            () => Rest(503, "PGRST001", "Database client error."), Unavailable, NotVerified, Inconclusive);
        yield return new("database restarting: schema cache lost", () => Auth(504, "request_timeout"),
            () => Rest(503, "PGRST002", "Could not query the database"), Unavailable, NotVerified, Inconclusive);
        yield return new("database restarting: pooled connection killed", () => Auth(500, "unexpected_failure"),
            () => Rest(503, "57P01", "terminating connection"), Unavailable, NotVerified, Inconclusive);
        yield return new("pool exhausted", () => Auth(504, "request_timeout"),
            () => Rest(504, "PGRST003", "Timed out acquiring connection"), Unavailable, NotVerified, Inconclusive);
        yield return new("slow query", User, () => Rest(500, "57014", "canceling statement"), Unavailable, Valid, Inconclusive);
        yield return new("Auth down behind the gateway", () => Html(502), Row, Known, NotVerified, Inconclusive);
        yield return new("rate limited", () => Auth(429, "over_request_rate_limit"), () => Json(429, """{"message":"Too many requests"}"""),
            Unavailable, NotVerified, Inconclusive);
        yield return new("refresh races at Auth", () => Auth(409, "conflict"), Row, Known, NotVerified, Inconclusive);
        yield return new("403 of a firewall, without a code", () => Html(403), () => Html(403), Unavailable, NotVerified, Inconclusive);
        yield return new("no response", null, null, Unavailable, NotVerified, Inconclusive);
        yield return new("200 with HTML", () => Html(200), () => Html(200), Unavailable, NotVerified, Inconclusive);
        yield return new("200 with null", () => Json(200, "null"), () => Json(200, "null"), Unavailable, NotVerified, Inconclusive);
        yield return new("balance is NULL", User, () => Json(200, """[{"credits":null}]"""), Unavailable, Valid, Inconclusive);
        yield return new("two balances for one user", User, () => Json(200, """[{"credits":1},{"credits":2}]"""), Unavailable, Valid,
            Inconclusive);
        yield return new("balance is NaN", User, () => Json(200, """[{"credits":"NaN"}]"""), Unavailable, Valid, Inconclusive);
        foreach (var status in (int[])[402, 500, 502, 503, 504, 520, 522, 525, 530, 540, 544])
        {
            yield return new($"{status} of the gateway", () => Html(status), () => Html(status), Unavailable, NotVerified, Inconclusive);
        }
    }

    [TestCaseSource(nameof(All))]
    public async Task A_failure_has_exactly_its_documented_effect_on_the_session(Symptom symptom)
    {
        await using var host = new ScriptedHost();
        host.Supabase.Script = request => request.Target.StartsWith("/auth/", StringComparison.Ordinal)
            ? CreateResponse(symptom.Auth)
            : CreateResponse(symptom.Rest);

        var result = await host.ReadAsync(symptom.IsExpired);
        var verification = await host.Get<IAccessTokenVerifier>().VerifyAsync(ScriptedHost.GetToken(host.Ada), CancellationToken.None);
        var report = await host.CheckAsync(symptom.IsExpired);

        result.Status.Should().Be(symptom.CreditRead);
        verification.Status.Should().Be(symptom.Verification);
        report.Status.Should().Be(symptom.Health);
        if (result.Status != Known)
        {
            result.HasBalance.Should().BeFalse();
        }
    }

    [TestCaseSource(nameof(All))]
    public async Task A_failure_has_the_same_effect_over_the_ledger(Symptom symptom)
    {
        await using var host = new ScriptedHost(
            build: static builder => builder.UseSupabaseLedger(), credits: static options => options.InitializeOnRead = false);
        host.Supabase.Script = request => request.Target switch
        {
            var target when target.StartsWith("/auth/", StringComparison.Ordinal) => CreateResponse(symptom.Auth),
            var target when !target.StartsWith("/rest/v1/rpc/", StringComparison.Ordinal) => CreateResponse(symptom.Rest),
            _ => symptom.CreditRead switch
            {
                Known => Json(
                    200,
                    """
                    {"outcome":"ok","available":42,"held":0,"version":2,"as_of":"2026-03-01T12:00:00.123456+00:00","incarnation":"i",
                     "hold_expires_in":null}
                    """),
                Missing => Json(200, """{"outcome":"not_initialized"}"""),
                _ => CreateResponse(symptom.Rest),
            },
        };

        var result = await host.ReadAsync(symptom.IsExpired);
        var report = await host.CheckAsync(symptom.IsExpired);

        result.Status.Should().Be(symptom.CreditRead);
        result.HasBalance.Should().Be(symptom.CreditRead == Known);
        report.Status.Should().Be(symptom.Health);
    }

    [Test]
    public async Task A_token_from_another_clock_is_reported_as_clock_skew()
    {
        await using var host = new ScriptedHost();
        host.Supabase.Script = request => request.Target.StartsWith("/auth/", StringComparison.Ordinal)
            ? User()
            : Rest(401, "PGRST303", "JWT issued at future");

        var report = await host.CheckAsync();

        report.Entries.Single(static entry => entry.Name == "credits").Reason.Should().Be("clock_skew");
        report.Status.Should().Be(Inconclusive);
    }

    [Test]
    public async Task A_known_balance_survives_every_outage()
    {
        foreach (var symptom in All().Where(symptom => symptom.CreditRead == Unavailable))
        {
            await using var host = new ScriptedHost(credits: options => options.UnversionedCacheDuration = TimeSpan.Zero);
            host.Supabase.Script = _ => Row();
            (await host.ReadAsync()).Balance!.Available.Should().Be(42);

            host.Supabase.Script = _ => CreateResponse(symptom.Rest);
            var result = await host.ReadAsync();

            result.Status.Should().Be(CreditReadStatus.Stale, symptom.Name);
            result.Balance!.Available.Should().Be(42, symptom.Name);
        }
    }

    private static HttpResponseMessage User() => Json(
        200, """{"id":"11111111-1111-4111-8111-111111111111","aud":"authenticated","role":"authenticated","email":"ada@example.com"}""");

    private static HttpResponseMessage Auth(int status, string code) =>
        Json(status, $$"""{"code":"{{code}}","message":"as recorded"}""", ("x-sb-error-code", code));

    private static HttpResponseMessage Rest(int status, string code, string message) => Json(
        status,
        $$"""{"code":"{{code}}","details":null,"hint":null,"message":"{{message}}"}""",
        status == 503 ? [("Retry-After", "0")] : []);

    private static HttpResponseMessage CreateResponse(Func<HttpResponseMessage>? create) => create is null
        ? throw new HttpRequestException("Connection refused")
        : create();
}
