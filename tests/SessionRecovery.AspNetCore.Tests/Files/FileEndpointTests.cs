using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;

namespace SessionRecovery.AspNetCore.Tests.Files;

[TestFixture]
internal sealed class FileEndpointTests
{
    private static readonly byte[] Wav = [.. "RIFF\0\0\0\0WAVEfmt "u8, .. Enumerable.Range(0, 5000).Select(static value => (byte)value)];

    private TemporaryFolder _folder = null!;
    private FakeLogCollector _logs = null!;
    private FakeTimeProvider _time = null!;
    private TestHost _host = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = new TemporaryFolder();
        _time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await StartHostAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task An_upload_is_returned_unchanged_with_its_hash_as_ETag()
    {
        using var ann = await _host.SignInAsync("ann");

        var file = await UploadAsync(ann, "My Song (1).wav");
        using var download = await ann.GetAsync(file.GetProperty("url").GetString());

        file.GetProperty("name").GetString().Should().MatchRegex("^my-song-1-[0-9a-f]{12}\\.wav$");
        file.GetProperty("size").GetInt64().Should().Be(Wav.Length);
        file.GetProperty("sha256").GetString().Should().Be(Convert.ToHexStringLower(SHA256.HashData(Wav)));
        (await download.Content.ReadAsByteArrayAsync()).Should().Equal(Wav);
        download.Content.Headers.ContentType!.MediaType.Should().Be("audio/wav");
        download.Headers.ETag!.Tag.Should().Be($"\"{file.GetProperty("sha256").GetString()}\"");
        download.Header("X-Content-Type-Options").Should().Be("nosniff");
        download.Header("Content-Security-Policy").Should().Contain("sandbox");
        download.Header("Cache-Control").Should().Contain("private").And.Contain("no-cache");
        download.Header("Access-Control-Allow-Origin").Should().BeNull();
    }

    [Test]
    public async Task A_range_returns_its_part_and_a_matching_ETag_none()
    {
        using var ann = await _host.SignInAsync("ann");
        var url = (await UploadAsync(ann)).GetProperty("url").GetString();
        using var range = new HttpRequestMessage(HttpMethod.Get, url);
        range.Headers.Range = new RangeHeaderValue(100, 199);
        using var beyond = new HttpRequestMessage(HttpMethod.Get, url);
        beyond.Headers.Range = new RangeHeaderValue(1_000_000, null);

        using var part = await ann.SendAsync(range);
        using var nothing = await ann.SendAsync(beyond);
        using var conditional = new HttpRequestMessage(HttpMethod.Get, url);
        conditional.Headers.IfNoneMatch.Add(part.Headers.ETag!);
        using var unchanged = await ann.SendAsync(conditional);

        part.StatusCode.Should().Be(HttpStatusCode.PartialContent);
        (await part.Content.ReadAsByteArrayAsync()).Should().Equal(Wav[100..200]);
        nothing.StatusCode.Should().Be(HttpStatusCode.RequestedRangeNotSatisfiable);
        unchanged.StatusCode.Should().Be(HttpStatusCode.NotModified);
    }

    [Test]
    public async Task A_foreign_file_looks_like_a_missing_one()
    {
        using var ann = await _host.SignInAsync("ann");
        using var bob = await _host.SignInAsync("bob");
        var url = (await UploadAsync(ann)).GetProperty("url").GetString()!;

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete])
        {
            using var foreign = await bob.SendAsync(new HttpRequestMessage(method, url));
            using var missing = await bob.SendAsync(new HttpRequestMessage(method, "/uploads/nothing-000000000000.wav"));
            await foreign.ShouldBeProblemAsync(HttpStatusCode.NotFound, "file_not_found");
            (await foreign.Content.ReadAsStringAsync()).Should().Be(await missing.Content.ReadAsStringAsync());
        }

        using var link = await bob.PostAsync($"{url}/links", content: null);
        await link.ShouldBeProblemAsync(HttpStatusCode.NotFound, "file_not_found");
        using var still = await ann.GetAsync(url);
        still.StatusCode.Should().Be(HttpStatusCode.OK);
        (await (await bob.GetAsync("/uploads")).JsonAsync()).GetProperty("files").GetArrayLength().Should().Be(0);
    }

    [TestCase("/uploads/..%2f..%2fcredits.db")]
    [TestCase("/uploads/%2fetc%2fpasswd")]
    [TestCase("/uploads/%2e%2e")]
    [TestCase("/uploads/a..b")]
    [TestCase("/uploads/C:%5Cwindows")]
    [TestCase("/uploads/con.wav")]
    [TestCase("/uploads/%EF%BC%8E%EF%BC%8E.wav")]
    public async Task A_path_is_not_a_file_name(string path)
    {
        using var ann = await _host.SignInAsync("ann");

        using var response = await ann.SendAsync(new HttpRequestMessage(HttpMethod.Get, RawUri(path)));

        response.StatusCode.Should().BeOneOf(HttpStatusCode.NotFound, HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).Should().NotContain("SQLite");
    }

    [Test]
    public async Task A_4_KiB_name_or_a_NUL_is_a_4xx()
    {
        using var ann = await _host.SignInAsync("ann");

        using var longName = await ann.GetAsync("/uploads/" + new string('a', 4096));
        using var nul = await ann.SendAsync(new HttpRequestMessage(HttpMethod.Get, RawUri("/uploads/a%00.wav")));

        await longName.ShouldBeProblemAsync(HttpStatusCode.NotFound, "file_not_found");
        ((int)nul.StatusCode).Should().BeInRange(400, 499);
    }

    [Test]
    public async Task Empty_mistyped_and_forbidden_uploads_store_nothing()
    {
        using var ann = await _host.SignInAsync("ann");

        using var empty = await ann.PostAsync("/uploads", Form([], "audio/wav", "a.wav"));
        using var falseType = await ann.PostAsync("/uploads", Form("<svg onload=alert(1)>"u8.ToArray(), "audio/wav", "a.wav"));
        using var forbidden = await ann.PostAsync("/uploads", Form("<html>"u8.ToArray(), "text/html", "a.html"));

        await empty.ShouldBeProblemAsync(HttpStatusCode.BadRequest, "file_empty");
        await falseType.ShouldBeProblemAsync(HttpStatusCode.UnsupportedMediaType, "file_type_not_supported");
        await forbidden.ShouldBeProblemAsync(HttpStatusCode.UnsupportedMediaType, "file_type_not_supported");
        await ShouldHaveStoredNothingAsync(ann);
    }

    [Test]
    public async Task An_upload_over_the_limit_is_aborted_while_reading()
    {
        using var ann = await _host.SignInAsync("ann");
        using var streamed = new StreamContent(new MemoryStream([.. "RIFF\0\0\0\0WAVE"u8, .. new byte[150_000]]));
        streamed.Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
        using var form = new MultipartFormDataContent { { streamed, "file", "big.wav" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/uploads") { Content = form };
        request.Headers.TransferEncodingChunked = true;

        using var response = await ann.SendAsync(request);

        await response.ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, "file_too_large");
        await ShouldHaveStoredNothingAsync(ann);
    }

    [Test]
    public async Task An_invalid_or_incomplete_multipart_body_stores_nothing()
    {
        using var ann = await _host.SignInAsync("ann");
        using var json = new StringContent("{}", Encoding.UTF8, "application/json");
        using var broken = new StringContent(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF0000WAVEdata");
        broken.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        using var otherField = new MultipartFormDataContent { { new StringContent("x"), "other" } };

        using var notMultipart = await ann.PostAsync("/uploads", json);
        using var brokenOff = await ann.PostAsync("/uploads", broken);
        using var missing = await ann.PostAsync("/uploads", otherField);

        await notMultipart.ShouldBeProblemAsync(HttpStatusCode.UnsupportedMediaType, "multipart_required");
        await brokenOff.ShouldBeProblemAsync(HttpStatusCode.BadRequest, "upload_interrupted");
        await missing.ShouldBeProblemAsync(HttpStatusCode.BadRequest, "file_missing");
        await ShouldHaveStoredNothingAsync(ann);
    }

    [Test]
    public async Task The_number_of_files_per_user_is_limited()
    {
        using var ann = await _host.SignInAsync("ann");
        for (var count = 0; count < 3; count++)
        {
            await UploadAsync(ann);
        }

        using var oneMore = await ann.PostAsync("/uploads", Form(Wav, "audio/wav", "a.wav"));

        await oneMore.ShouldBeProblemAsync(HttpStatusCode.Conflict, "too_many_files");
    }

    [Test]
    public async Task Missing_bytes_are_410_with_the_cause_logged_once()
    {
        using var ann = await _host.SignInAsync("ann");
        var file = await UploadAsync(ann);
        File.Delete(Directory.GetFiles(_folder.File("files"), file.GetProperty("name").GetString()!, SearchOption.AllDirectories).Single());

        using var response = await ann.GetAsync(file.GetProperty("url").GetString());

        await response.ShouldBeProblemAsync(HttpStatusCode.Gone, "file_lost");
        _logs.GetSnapshot().Should().ContainSingle(entry => entry.Id.Name == "FileLost").Which.Message.Should().Contain("FileMissing");
    }

    [Test]
    public async Task Truncated_bytes_are_reported_lost_and_never_served()
    {
        using var ann = await _host.SignInAsync("ann");
        var file = await UploadAsync(ann);
        var path = Directory.GetFiles(_folder.File("files"), file.GetProperty("name").GetString()!, SearchOption.AllDirectories).Single();
        await File.WriteAllBytesAsync(path, Wav[..100]);

        using var response = await ann.GetAsync(file.GetProperty("url").GetString());

        await response.ShouldBeProblemAsync(HttpStatusCode.Gone, "file_lost");
        _logs.GetSnapshot().Should().ContainSingle(entry => entry.Id.Name == "FileLost").Which.Message.Should().Contain("Truncated");
    }

    [Test]
    public async Task A_signed_link_works_for_15_minutes_across_a_restart()
    {
        using var ann = await _host.SignInAsync("ann");
        var file = await UploadAsync(ann);
        var link = (await (await ann.PostAsync($"{file.GetProperty("url").GetString()}/links", content: null)).JsonAsync())
            .GetProperty("url").GetString()!;

        await _host.DisposeAsync();
        await StartHostAsync();
        using var anonymous = _host.Anonymous();
        using var served = await anonymous.GetAsync(link);
        using var head = await anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, link));
        using var post = await anonymous.PostAsync(link, content: null);
        _time.Advance(TimeSpan.FromMinutes(15));
        using var late = await anonymous.GetAsync(link);

        (await served.Content.ReadAsByteArrayAsync()).Should().Equal(Wav);
        served.Header("Referrer-Policy").Should().Be("no-referrer");
        head.StatusCode.Should().Be(HttpStatusCode.OK);
        post.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        await late.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "link_invalid");
    }

    [Test]
    public async Task A_link_opens_only_its_file_and_cannot_be_forged()
    {
        using var ann = await _host.SignInAsync("ann");
        var first = await UploadAsync(ann);
        var second = await UploadAsync(ann);
        var link = (await (await ann.PostAsync($"{first.GetProperty("url").GetString()}/links", content: null)).JsonAsync())
            .GetProperty("url").GetString()!;
        using var anonymous = _host.Anonymous();

        using var otherFile = await anonymous.GetAsync(
            link.Replace(first.GetProperty("name").GetString()!, second.GetProperty("name").GetString()!, StringComparison.Ordinal));
        using var tampered = await anonymous.GetAsync(link[..^4] + (link.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBB" : "AAAA"));
        using var none = await anonymous.GetAsync(link[..link.IndexOf('?', StringComparison.Ordinal)]);

        await otherFile.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "link_invalid");
        await tampered.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "link_invalid");
        await none.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "link_invalid");
    }

    [Test]
    public async Task A_link_of_a_deleted_file_opens_nothing()
    {
        using var ann = await _host.SignInAsync("ann");
        var url = (await UploadAsync(ann)).GetProperty("url").GetString()!;
        var link = (await (await ann.PostAsync($"{url}/links", content: null)).JsonAsync()).GetProperty("url").GetString()!;

        using var deleted = await ann.DeleteAsync(url);
        using var anonymous = _host.Anonymous();
        using var served = await anonymous.GetAsync(link);

        deleted.StatusCode.Should().Be(HttpStatusCode.NoContent);
        await served.ShouldBeProblemAsync(HttpStatusCode.NotFound, "file_not_found");
        Directory.GetFiles(_folder.File("files"), "*.wav", SearchOption.AllDirectories).Should().BeEmpty();
    }

    [Test]
    public async Task Listing_uploading_and_downloading_require_a_sign_in()
    {
        using var anonymous = _host.Anonymous();

        await (await anonymous.GetAsync("/uploads")).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
        await (await anonymous.PostAsync("/uploads", Form(Wav, "audio/wav", "a.wav")))
            .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
        await (await anonymous.GetAsync("/uploads/x-000000000000.wav"))
            .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    private async Task StartHostAsync()
    {
        var logging = new FakeLoggerProvider();
        _logs = logging.Collector;
        _host = await TestHost.StartAsync(_folder, (builder, recovery) =>
        {
            builder.Logging.AddProvider(logging);
            builder.Services.AddSingleton<TimeProvider>(_time);
            recovery.UseSqlite($"Data Source={_folder.File("credits.db")}").AddLocalFiles(_folder.File("files"), options =>
            {
                options.MaxSize = 100_000;
                options.MaxFiles = 3;
            });
        });
    }

    private static async Task<JsonElement> UploadAsync(HttpClient client, string name = "song.wav")
    {
        using var response = await client.PostAsync("/uploads", Form(Wav, "audio/wav", name));
        response.StatusCode.Should().Be(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    private static MultipartFormDataContent Form(byte[] content, string type, string name)
    {
        var part = new ByteArrayContent(content);
        part.Headers.ContentType = new MediaTypeHeaderValue(type);
        return new MultipartFormDataContent { { part, "file", name } };
    }

    // Creates a URL whose path HttpClient sends without normalization.
    private Uri RawUri(string path) =>
        new(_host.Address.ToString().TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private async Task ShouldHaveStoredNothingAsync(HttpClient client)
    {
        (await (await client.GetAsync("/uploads")).JsonAsync()).GetProperty("files").GetArrayLength().Should().Be(0);
        Directory.GetFiles(_folder.File("files"), "*", SearchOption.AllDirectories).Should().BeEmpty();
    }
}
