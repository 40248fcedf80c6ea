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
/// The known errors of Storage, in the formats of both recorded releases. None reports a file as missing, and none affects the balance or
/// the session.
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
        yield return new("nothing is wrong", Listed, Whole, Found, Saved, Requests: 2);
        yield return new("no such file, or another user's", () => Json(200, "[]"), Gone, Missing, NotSaved, Requests: 1);
        yield return new("listed, but its bytes are gone", Listed, Gone, Lost, NotSaved, Requests: 3);
        yield return new("listed, but its bytes are gone, old shape", Listed,
            () => Json(400, """{"statusCode":"404","error":"not_found","message":"Object not found"}"""), Lost, NotSaved, Requests: 3);
        yield return new("an earlier try created it and its answer was lost", Listed, () => Storage(400, "409", "KeyAlreadyExists"),
            Unavailable, Saved, Requests: 2);
        yield return new("the same, old shape", Listed, () => Json(
            400, """{"statusCode":"409","error":"Duplicate","message":"The resource already exists"}"""), Unavailable, Saved, Requests: 2);
        foreach (var (name, error) in Refusals().Concat(NotNow()))
        {
            yield return new(name, error, error, Unavailable, NotSaved, Requests: 1);
            yield return new($"{name}, once the list was had", Listed, error, Unavailable, NotSaved, Requests: 2);
        }

        foreach (var (name, error) in Outages())
        {
            yield return new(name, error, error, Unavailable, NotSaved, Requests: 2);
            yield return new($"{name}, once the list was had", Listed, error, Unavailable, NotSaved, Requests: 3);
        }
    }

    private static IEnumerable<(string Name, Func<HttpResponseMessage> Error)> Refusals()
    {
        yield return ("the token expired, its key was revoked, or a policy refuses", () => Storage(400, "403", "AccessDenied"));
        yield return ("the same, old shape",
            () => Json(400, """{"statusCode":"403","error":"Unauthorized","message":"\"exp\" claim timestamp check failed"}"""));
        yield return ("the bucket is missing", () => Storage(400, "404", "NoSuchBucket"));
        yield return ("larger than the bucket allows", () => Storage(400, "413", "EntityTooLarge"));
        yield return ("a type that the bucket does not allow", () => Storage(400, "415", "InvalidMimeType"));
        yield return ("the gateway refuses the API key", () => Json(401, """{"message":"Invalid API key"}"""));
        yield return ("no token",
            () => Json(400, """{"statusCode":"400","error":"Error","message":"headers must have required property 'authorization'"}"""));
    }

    private static IEnumerable<(string Name, Func<HttpResponseMessage> Error)> NotNow()
    {
        yield return ("pool exhausted", () => Storage(429, "429", "SlowDown"));
        yield return ("pool exhausted, old shape", () =>
            Json(429, """{"statusCode":"429","error":"too_many_connections","message":"Too many connections issued to the database"}"""));
        yield return ("out of quota", () => Html(402));
        yield return ("project paused", () => Html(540));
    }

    private static IEnumerable<(string Name, Func<HttpResponseMessage>? Error)> Outages()
    {
        yield return ("database restarting", () => Storage(500, "500", "InternalError"));
        yield return ("database restarting, old shape", () =>
            Json(500, """{"statusCode":"500","code":"DatabaseError","error":"DatabaseError","message":"database error, code: 57P01"}"""));
        yield return ("database too slow, or cannot connect", () => Storage(544, "544", "DatabaseTimeout"));
        yield return ("firewall's 403 without a code", () => Html(403));
        yield return ("a 404 of something in between", () => Html(404));
        yield return ("no answer at all", null);
        foreach (var status in (int[])[500, 502, 503, 504, 520, 530, 544])
        {
            yield return ($"gateway's {status}", () => Html(status));
        }
    }

    [TestCaseSource(nameof(All))]
    public async Task A_Storage_failure_is_classified_without_touching_balance_or_session(StorageSymptom symptom)
    {
        await using var host = Start(symptom, tries: 1);
        (await host.ReadAsync()).Balance!.Available.Should().Be(42);
        var reading = await OpenAsync(host);
        await using var content = reading.Content;
        var saved = await host.Get<IFileStore>().SaveAsync(ScriptedHost.GetSession(host.Ada), Upload(), CancellationToken.None);
        var report = await host.CheckAsync();
        var verification = await host.Get<IAccessTokenVerifier>().VerifyAsync(ScriptedHost.GetToken(host.Ada), CancellationToken.None);
        host.Supabase.Script = static _ => Html(503);
        var balance = await host.Credits.RefreshAsync(ScriptedHost.GetSession(host.Ada));

        reading.Status.Should().Be(symptom.Reading);
        saved.Status.Should().Be(symptom.Save);
        report.Status.Should().Be(SessionHealthStatus.Healthy);
        verification.Status.Should().Be(TokenVerificationStatus.Valid);
        balance.Status.Should().Be(CreditReadStatus.Stale, "what was known before is still known");
        balance.Balance!.Available.Should().Be(42);
    }

    [TestCaseSource(nameof(All))]
    public async Task A_transient_read_failure_is_retried(StorageSymptom symptom)
    {
        await using var host = Start(symptom, tries: 2);

        await using var content = (await OpenAsync(host)).Content;

        host.Supabase.Requests.Should().HaveCount(symptom.Requests);
    }

    [Test]
    public async Task Uploads_and_deletes_are_sent_once()
    {
        await using var host = Start(new("away", Listed, () => Html(503), Unavailable, NotSaved, Requests: 3), tries: 3);
        var files = host.Get<IFileStore>();
        var session = ScriptedHost.GetSession(host.Ada);

        await files.SaveAsync(session, Upload(), CancellationToken.None);
        var delete = () => files.DeleteAsync(session, Name, CancellationToken.None).AsTask();

        await delete.Should().ThrowAsync<SupabaseException>();
        host.Supabase.Requests.Count(static request => request.Method == "POST" && !IsList(request)).Should().Be(1);
        host.Supabase.Requests.Count(static request => request.Method == "DELETE").Should().Be(1);
    }

    private static ScriptedHost Start(StorageSymptom symptom, int tries)
    {
        var host = new ScriptedHost(
            options => options.MaxReadAttempts = tries,
            static builder => builder.AddSupabaseFiles());
        host.Supabase.Script = request => request switch
        {
            { Target: "/auth/v1/user" } => Json(200, """{"id":"11111111-1111-4111-8111-111111111111"}"""),
            { Target: var target } when target.StartsWith("/rest/", StringComparison.Ordinal) => Json(200, """[{"credits":42}]"""),
            _ when IsList(request) => Answer(symptom.List),
            _ => Answer(symptom.Object),
        };
        return host;
    }

    private static HttpResponseMessage Gone() => Storage(400, "404", "NoSuchKey");

    private static HttpResponseMessage Storage(int status, string statusCode, string code) =>
        Json(status, $$"""{"statusCode":"{{statusCode}}","error":"as recorded","message":"as recorded","code":"{{code}}"}""");

    private static HttpResponseMessage Answer(Func<HttpResponseMessage>? answer) => answer is null
        ? throw new HttpRequestException("Connection refused")
        : answer();
}
