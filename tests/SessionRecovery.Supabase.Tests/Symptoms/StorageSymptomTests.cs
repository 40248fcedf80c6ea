using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Files;
using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Http.Internal;
using SessionRecovery.Supabase.Setup.Internal;
using SessionRecovery.Supabase.Tests.Hosting;
using static SessionRecovery.Supabase.Tests.Files.ScriptedFile;
using static SessionRecovery.Supabase.Tests.Hosting.ScriptedSupabase;

namespace SessionRecovery.Supabase.Tests.Symptoms;

/// <summary>
/// Tests the known errors of Supabase Storage in the formats of both recorded releases. No error may be reported as a missing file, and no
/// error may affect the balance or the session.
/// </summary>
[TestFixture]
internal sealed class StorageSymptomTests
{
    private const FileOpenStatus Found = FileOpenStatus.Found;
    private const FileOpenStatus Missing = FileOpenStatus.NotFound;
    private const FileOpenStatus Lost = FileOpenStatus.Lost;
    private const FileOpenStatus Unavailable = FileOpenStatus.Unavailable;
    private const FileSaveStatus Saved = FileSaveStatus.Saved;
    private const FileSaveStatus NotSaved = FileSaveStatus.Unavailable;

    private static IEnumerable<StorageSymptom> All()
    {
        yield return new("no failure", Listed, Whole, Found, Saved, Requests: 2);
        yield return new("file missing, or of another user", () => Json(200, "[]"), NoSuchKey, Missing, NotSaved, Requests: 1);
        yield return new("listed without bytes", Listed, NoSuchKey, Lost, NotSaved, Requests: 3);
        yield return new("listed without bytes, old error format", Listed,
            () => Json(400, """{"statusCode":"404","error":"not_found","message":"Object not found"}"""), Lost, NotSaved, Requests: 3);
        yield return new("listed without bytes, file backend", Listed, static () => Storage(500, "500", "InternalError"), Lost, NotSaved,
            Requests: 5, Head: static () => Json(200, string.Empty));
        yield return new("listed, but without a row, file backend", Listed, static () => Storage(500, "500", "InternalError"), Unavailable,
            NotSaved, Requests: 4, Head: static () => Json(400, string.Empty));
        yield return new("created by an earlier attempt with a lost response", Listed, () => Storage(400, "409", "KeyAlreadyExists"),
            Unavailable, Saved, Requests: 2);
        yield return new("created by an earlier attempt, old error format", Listed, () => Json(
            400, """{"statusCode":"409","error":"Duplicate","message":"The resource already exists"}"""), Unavailable, Saved, Requests: 2);
        foreach (var (name, error) in GetRejections().Concat(GetTemporaryRejections()))
        {
            yield return new(name, error, error, Unavailable, NotSaved, Requests: 1);
            yield return new($"{name}, after a successful listing", Listed, error, Unavailable, NotSaved, Requests: 2);
        }

        yield return new("database restarting", static () => Storage(500, "500", "InternalError"),
            static () => Storage(500, "500", "InternalError"), Unavailable, NotSaved, Requests: 2);
        yield return new("database restarting, after a successful listing", Listed, static () => Storage(500, "500", "InternalError"),
            Unavailable, NotSaved, Requests: 4);
        foreach (var (name, error) in GetOutages())
        {
            yield return new(name, error, error, Unavailable, NotSaved, Requests: 2);
            yield return new($"{name}, after a successful listing", Listed, error, Unavailable, NotSaved, Requests: 3);
        }
    }

    private static IEnumerable<(string Name, Func<HttpResponseMessage> Error)> GetRejections()
    {
        yield return ("token expired, key revoked, or access denied by a policy", () => Storage(400, "403", "AccessDenied"));
        yield return ("access denied, old error format",
            () => Json(400, """{"statusCode":"403","error":"Unauthorized","message":"\"exp\" claim timestamp check failed"}"""));
        yield return ("bucket missing", () => Storage(400, "404", "NoSuchBucket"));
        yield return ("file larger than the limit of the bucket", () => Storage(400, "413", "EntityTooLarge"));
        yield return ("media type not allowed by the bucket", () => Storage(400, "415", "InvalidMimeType"));
        yield return ("API key rejected by the gateway", () => Json(401, """{"message":"Invalid API key"}"""));
        yield return ("no token",
            () => Json(400, """{"statusCode":"400","error":"Error","message":"headers must have required property 'authorization'"}"""));
    }

    private static IEnumerable<(string Name, Func<HttpResponseMessage> Error)> GetTemporaryRejections()
    {
        yield return ("pool exhausted", () => Storage(429, "429", "SlowDown"));
        yield return ("pool exhausted, old error format", () =>
            Json(429, """{"statusCode":"429","error":"too_many_connections","message":"Too many connections issued to the database"}"""));
        yield return ("out of quota", () => Html(402));
        yield return ("project paused", () => Html(540));
    }

    private static IEnumerable<(string Name, Func<HttpResponseMessage>? Error)> GetOutages()
    {
        yield return ("database restarting, old error format", () =>
            Json(500, """{"statusCode":"500","code":"DatabaseError","error":"DatabaseError","message":"database error, code: 57P01"}"""));
        yield return ("database too slow, or cannot connect", () => Storage(544, "544", "DatabaseTimeout"));
        yield return ("403 of a firewall, without a code", () => Html(403));
        yield return ("404 of a proxy", () => Html(404));
        yield return ("no response", null);
        foreach (var status in (int[])[500, 502, 503, 504, 520, 530, 544])
        {
            yield return ($"{status} of the gateway", () => Html(status));
        }
    }

    [TestCaseSource(nameof(All))]
    public async Task A_Storage_failure_is_classified_without_touching_balance_or_session(StorageSymptom symptom)
    {
        await using var host = Start(symptom, maxAttempts: 1);
        (await host.ReadAsync()).Balance!.Available.Should().Be(42);
        var opened = await OpenAsync(host);
        await using var content = opened.Content;
        var saved = await host.Get<IFileStore>().SaveAsync(ScriptedHost.GetSession(host.Ada), Upload(), CancellationToken.None);
        var report = await host.CheckAsync();
        var verification = await host.Get<IAccessTokenVerifier>().VerifyAsync(ScriptedHost.GetToken(host.Ada), CancellationToken.None);
        host.Supabase.Script = static _ => Html(503);
        var balance = await host.Credits.RefreshAsync(ScriptedHost.GetSession(host.Ada));

        opened.Status.Should().Be(symptom.FileOpen);
        saved.Status.Should().Be(symptom.Save);
        report.Status.Should().Be(SessionHealthStatus.Healthy);
        verification.Status.Should().Be(TokenVerificationStatus.Valid);
        balance.Status.Should().Be(CreditReadStatus.Stale, "the last known balance is still cached");
        balance.Balance!.Available.Should().Be(42);
    }

    [TestCaseSource(nameof(All))]
    public async Task A_transient_read_failure_is_retried(StorageSymptom symptom)
    {
        await using var host = Start(symptom, maxAttempts: 2);

        await using var content = (await OpenAsync(host)).Content;

        host.Supabase.Requests.Should().HaveCount(symptom.Requests);
    }

    [Test]
    public async Task Uploads_and_deletes_are_sent_once()
    {
        await using var host = Start(
            new("Storage unavailable", Listed, () => Html(503), Unavailable, NotSaved, Requests: 3), maxAttempts: 3);
        var files = host.Get<IFileStore>();
        var session = ScriptedHost.GetSession(host.Ada);

        await files.SaveAsync(session, Upload(), CancellationToken.None);
        var delete = () => files.DeleteAsync(session, Name, CancellationToken.None).AsTask();

        await delete.Should().ThrowAsync<SupabaseException>();
        host.Supabase.Requests.Count(static request => request.Method == "POST" && !IsList(request)).Should().Be(1);
        host.Supabase.Requests.Count(static request => request.Method == "DELETE").Should().Be(1);
    }

    private static ScriptedHost Start(StorageSymptom symptom, int maxAttempts)
    {
        var host = new ScriptedHost(
            options => options.MaxReadAttempts = maxAttempts,
            static builder => builder.AddSupabaseFiles());
        host.Supabase.Script = request => request switch
        {
            { Target: "/auth/v1/user" } => Json(200, """{"id":"11111111-1111-4111-8111-111111111111"}"""),
            { Target: var target } when target.StartsWith("/rest/", StringComparison.Ordinal) => Json(200, """[{"credits":42}]"""),
            _ when IsList(request) => CreateResponse(symptom.List),
            { Method: "HEAD" } when symptom.Head is not null => symptom.Head(),
            _ => CreateResponse(symptom.Object),
        };
        return host;
    }

    private static HttpResponseMessage NoSuchKey() => Storage(400, "404", "NoSuchKey");

    private static HttpResponseMessage Storage(int status, string statusCode, string code) =>
        Json(status, $$"""{"statusCode":"{{statusCode}}","error":"as recorded","message":"as recorded","code":"{{code}}"}""");

    private static HttpResponseMessage CreateResponse(Func<HttpResponseMessage>? create) => create is null
        ? throw new HttpRequestException("Connection refused")
        : create();
}
