using System.Globalization;
using System.Net;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Files;
using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Tests.Hosting;
using static SessionRecovery.Supabase.Tests.Hosting.ScriptedSupabase;

namespace SessionRecovery.Supabase.Tests.Symptoms;

/// <summary>
/// Every error of Storage, in the shapes of both recorded releases. None makes a file look as if it were not there, and none touches the
/// balance or the session.
/// </summary>
[TestFixture]
internal sealed class StorageSymptomTests
{
    private const string Name = "take-0123456789ab.wav";
    private const FileReadingStatus Found = FileReadingStatus.Found;
    private const FileReadingStatus Missing = FileReadingStatus.Missing;
    private const FileReadingStatus Lost = FileReadingStatus.Lost;
    private const FileReadingStatus Unavailable = FileReadingStatus.Unavailable;
    private const FileSaveStatus Saved = FileSaveStatus.Saved;
    private const FileSaveStatus NotSaved = FileSaveStatus.Unavailable;

    private static readonly byte[] Sound = [.. "RIFF"u8, 0, 0, 0, 0, .. "WAVE"u8, 1, 2, 3, 4];
    private static readonly string Row = $$$"""
        [{"name":"{{{Name}}}.{{{new string('a', 64)}}}","id":"33333333-3333-4333-8333-333333333333","created_at":"2026-11-20T10:00:00.000Z","metadata":{"size":{{{Sound.Length}}},"mimetype":"audio/wav"}}]
        """;

    private static IEnumerable<StorageSymptom> All()
    {
        yield return new("nothing is wrong", Listed, Bytes, Found, Saved, Requests: 2);
        yield return new("no such file, or another user's", () => Json(200, "[]"), Gone, Missing, NotSaved, Requests: 1);
        yield return new("listed, but its bytes are gone", Listed, Gone, Lost, NotSaved, Requests: 3);
        yield return new("listed, but its bytes are gone, old shape", Listed, () => Json(400, """{"statusCode":"404","error":"not_found","message":"Object not found"}"""), Lost, NotSaved, Requests: 3);
        yield return new("an earlier try created it and its answer was lost", Listed, () => Storage(400, "409", "KeyAlreadyExists"), Unavailable, Saved, Requests: 2);
        yield return new("the same, old shape", Listed, () => Json(400, """{"statusCode":"409","error":"Duplicate","message":"The resource already exists"}"""), Unavailable, Saved, Requests: 2);
        foreach (var (name, error) in Refusals())
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
        yield return ("the same, old shape", () => Json(400, """{"statusCode":"403","error":"Unauthorized","message":"\"exp\" claim timestamp check failed"}"""));
        yield return ("the bucket is missing", () => Storage(400, "404", "NoSuchBucket"));
        yield return ("larger than the bucket allows", () => Storage(400, "413", "EntityTooLarge"));
        yield return ("a type that the bucket does not allow", () => Storage(400, "415", "InvalidMimeType"));
        yield return ("no token", () => Json(400, """{"statusCode":"400","error":"Error","message":"headers must have required property 'authorization'"}"""));
    }

    private static IEnumerable<(string Name, Func<HttpResponseMessage>? Error)> Outages()
    {
        yield return ("database restarting", () => Storage(500, "500", "InternalError"));
        yield return ("database restarting, old shape", () => Json(500, """{"statusCode":"500","code":"DatabaseError","error":"DatabaseError","message":"database error, code: 57P01"}"""));
        yield return ("database too slow, or cannot connect", () => Storage(544, "544", "DatabaseTimeout"));
        yield return ("pool exhausted", () => Storage(429, "429", "SlowDown"));
        yield return ("pool exhausted, old shape", () => Json(429, """{"statusCode":"429","error":"too_many_connections","message":"Too many connections issued to the database"}"""));
        yield return ("API key refused by the gateway", () => Json(401, """{"message":"Invalid API key"}"""));
        yield return ("firewall's 403 without a code", () => Html(403));
        yield return ("a 404 of something in between", () => Html(404));
        yield return ("no answer at all", null);
        foreach (var status in (int[])[402, 500, 502, 503, 504, 520, 530, 540, 544])
        {
            yield return ($"gateway's {status}", () => Html(status));
        }
    }

    [TestCaseSource(nameof(All))]
    public async Task A_failure_of_Storage_is_told_as_what_it_is_and_touches_neither_balance_nor_session(StorageSymptom symptom)
    {
        await using var host = Start(symptom, tries: 1);
        var reading = await OpenAsync(host);
        await using var content = reading.Content;
        var saved = await host.Get<IFileStore>().SaveAsync(ScriptedHost.SessionOf(host.Ada), Upload(), CancellationToken.None);
        var balance = await host.ReadAsync();
        var report = await host.CheckAsync();
        var verdict = await host.Get<ISessionAuthority>().VerifyAsync(ScriptedHost.TokenOf(host.Ada), CancellationToken.None);

        reading.Status.Should().Be(symptom.Reading);
        saved.Status.Should().Be(symptom.Save);
        balance.Balance!.Available.Should().Be(42);
        report.Status.Should().Be(SessionHealthStatus.Healthy);
        verdict.Status.Should().Be(SessionVerdictStatus.Valid);
    }

    [TestCaseSource(nameof(All))]
    public async Task A_read_is_asked_again_where_that_could_help(StorageSymptom symptom)
    {
        await using var host = Start(symptom, tries: 2);

        await using var content = (await OpenAsync(host)).Content;

        host.Supabase.Requests.Should().HaveCount(symptom.Requests);
    }

    [Test]
    public async Task An_upload_is_sent_once_and_a_delete_too()
    {
        await using var host = Start(new("away", Listed, () => Html(503), Unavailable, NotSaved, Requests: 3), tries: 3);
        var files = host.Get<IFileStore>();
        var session = ScriptedHost.SessionOf(host.Ada);

        await files.SaveAsync(session, Upload(), CancellationToken.None);
        var delete = () => files.DeleteAsync(session, Name, CancellationToken.None).AsTask();

        await delete.Should().ThrowAsync<Exception>();
        host.Supabase.Requests.Count(static request => request.Method == "POST" && !IsList(request)).Should().Be(1);
        host.Supabase.Requests.Count(static request => request.Method == "DELETE").Should().Be(1);
    }

    [Test]
    public async Task A_connection_that_breaks_in_the_middle_costs_no_byte()
    {
        await using var host = Start(Breaking(), tries: 1);

        var reading = await OpenAsync(host);
        await using var content = reading.Content!;
        var read = new MemoryStream();
        await content.CopyToAsync(read);

        read.ToArray().Should().Equal(Sound);
        host.Supabase.Requests.Select(static request => request.Range).OfType<string>().Should().Equal("bytes=5-", "bytes=10-", "bytes=15-");
    }

    [Test]
    public async Task A_connection_that_breaks_without_a_byte_in_between_is_an_outage_and_the_next_read_begins_anew()
    {
        var away = false;
        await using var host = Start(new("away", Listed, () => away ? Html(503) : Broken(Sound[..5]), Found, NotSaved, Requests: 2), tries: 1);
        var reading = await OpenAsync(host);
        await using var content = reading.Content!;
        var buffer = new byte[5];
        (await content.ReadAsync(buffer)).Should().Be(5);

        away = true;
        var read = () => content.ReadAsync(buffer).AsTask();
        await read.Should().ThrowAsync<Exception>();
        await read.Should().ThrowAsync<Exception>();
        away = false;
        content.Position = 0;

        (await content.ReadAsync(buffer)).Should().Be(5);
        buffer.Should().Equal(Sound[..5]);
    }

    [Test]
    public async Task A_file_that_was_closed_asks_for_nothing()
    {
        await using var host = Start(Breaking(), tries: 1);
        var content = (await OpenAsync(host)).Content!;
        await content.DisposeAsync();

        var read = () => content.ReadAsync(new byte[1]).AsTask();

        await read.Should().ThrowAsync<ObjectDisposedException>();
        host.Supabase.Requests.Should().HaveCount(2);
    }

    private static ScriptedHost Start(StorageSymptom symptom, int tries)
    {
        var host = new ScriptedHost(
            options => options.ReadTries = tries,
            static builder => builder.AddSupabaseFiles());
        host.Supabase.Script = request => request switch
        {
            { Target: "/auth/v1/user" } => Json(200, """{"id":"11111111-1111-4111-8111-111111111111"}"""),
            { Target: var target } when target.StartsWith("/rest/", StringComparison.Ordinal) => Json(200, """[{"credits":42}]"""),
            { Range: { } range } when symptom.Name == "breaks" => Rest(range),
            _ when IsList(request) => Answer(symptom.List),
            _ => Answer(symptom.Object),
        };
        return host;
    }

    private static StorageSymptom Breaking() => new("breaks", Listed, () => Broken(Sound[..5]), Found, Saved, Requests: 2);

    private static ValueTask<FileReading> OpenAsync(ScriptedHost host) =>
        host.Get<IFileStore>().OpenAsync(ScriptedHost.SessionOf(host.Ada), Name, CancellationToken.None);

    private static FileUpload Upload() => new("take.wav", "audio/wav", new MemoryStream(Sound));

    private static bool IsList(SentRequest request) => request.Target == "/storage/v1/object/list/uploads";

    private static HttpResponseMessage Listed() => Json(200, Row);

    private static HttpResponseMessage Bytes() => new(HttpStatusCode.OK) { Content = new ByteArrayContent(Sound) };

    private static HttpResponseMessage Gone() => Storage(400, "404", "NoSuchKey");

    private static HttpResponseMessage Broken(byte[] bytes) => new(HttpStatusCode.OK) { Content = new StreamContent(new BreakingStream(bytes)) };

    // Five more bytes, and it breaks again: until the last.
    private static HttpResponseMessage Rest(string range)
    {
        var from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        return new(HttpStatusCode.PartialContent) { Content = new StreamContent(new BreakingStream(Sound[from..Math.Min(from + 5, Sound.Length)])) };
    }

    private static HttpResponseMessage Storage(int status, string statusCode, string code) =>
        Json(status, $$"""{"statusCode":"{{statusCode}}","error":"as recorded","message":"as recorded","code":"{{code}}"}""");

    private static HttpResponseMessage Answer(Func<HttpResponseMessage>? answer) => answer is null ? throw new HttpRequestException("Connection refused") : answer();
}
