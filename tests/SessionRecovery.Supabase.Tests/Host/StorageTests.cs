using Microsoft.Extensions.DependencyInjection;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using SupabaseStandIn.Control;

namespace SessionRecovery.Supabase.Tests.Host;

/// <summary>
/// Tests user files in Supabase Storage: whole files, ranges and links. A user must not see the files of another user, and the host must
/// enforce the limits that Storage lacks.
/// </summary>
[TestFixture]
internal sealed class StorageTests
{
    private static readonly byte[] Sound =
        [.. "RIFF"u8, 0, 0, 0, 0, .. "WAVE"u8, .. Enumerable.Range(0, 200_000).Select(static i => (byte)(i * 7))];

    private string _folder = null!;
    private SupabaseHost _host = null!;
    private SignedIn _ada = null!;
    private SignedIn _eve = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _folder = Directory.CreateTempSubdirectory("uploads-").FullName;
        _host = await SupabaseHost.StartAsync(
            steps: recovery => recovery.AddSupabaseFiles(files => (files.MaxSize, files.Folder) = (300_000, _folder)));
        _ada = await _host.SignUpAsync();
        _eve = await _host.SignUpAsync("eve");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [TearDown]
    public void Clear() => _host.StandIn.Control.ClearFaults();

    [Test]
    public async Task A_file_is_returned_unchanged_whole_and_in_ranges()
    {
        var name = await UploadAsync(_ada);
        using var client = _ada.Client();

        (await client.GetByteArrayAsync($"/uploads/{name}")).Should().Equal(Sound);
        foreach (var (from, to) in (ReadOnlySpan<(int, int)>)[(0, 9), (12, 12), (100_000, 150_000), (Sound.Length - 5, Sound.Length - 1)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/uploads/{name}");
            request.Headers.Range = new RangeHeaderValue(from, to);
            using var part = client.SendAsync(request).Result;
            part.StatusCode.Should().Be(HttpStatusCode.PartialContent);
            part.Content.ReadAsByteArrayAsync().Result.Should().Equal(Sound[from..(to + 1)]);
        }
    }

    [Test]
    public async Task Listed_files_have_size_type_and_hash_until_deleted()
    {
        var bob = await _host.SignUpAsync("bob");
        var name = await UploadAsync(bob);
        using var client = bob.Client();

        var file = (await client.GetFromJsonAsync<JsonElement>("/uploads")).GetProperty("files").EnumerateArray().Single();
        using var deleted = await client.DeleteAsync($"/uploads/{name}");
        using var again = await client.DeleteAsync($"/uploads/{name}");

        file.GetProperty("name").GetString().Should().Be(name);
        file.GetProperty("size").GetInt64().Should().Be(Sound.Length);
        file.GetProperty("sha256").GetString().Should().Be(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Sound)));
        file.GetProperty("content_type").GetString().Should().Be("audio/wav");
        deleted.StatusCode.Should().Be(HttpStatusCode.NoContent);
        again.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await client.GetFromJsonAsync<JsonElement>("/uploads")).GetProperty("files").GetArrayLength().Should().Be(0);
    }

    [Test]
    public async Task A_foreign_file_looks_like_a_missing_one()
    {
        var name = await UploadAsync(_ada);
        using var eve = _eve.Client();

        (await eve.GetAsync($"/uploads/{name}")).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await eve.DeleteAsync($"/uploads/{name}")).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await eve.PostAsync($"/uploads/{name}/links", content: null)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await eve.GetAsync($"/uploads/..%2F{_ada.Id}%2F{name}")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Test]
    public async Task A_signed_link_opens_one_file_without_a_sign_in()
    {
        var name = await UploadAsync(_ada);
        using var client = _ada.Client();
        using var answer = await client.PostAsync($"/uploads/{name}/links", content: null);
        var url = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("url").GetString()!;
        using var anyone = new HttpClient { BaseAddress = _host.Address };

        (await anyone.GetByteArrayAsync(url)).Should().Equal(Sound);
        (await anyone.GetAsync(url + "x")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Test]
    public async Task Bytes_beyond_the_limit_never_reach_Storage()
    {
        _host.StandIn.Control.ResetRequests();

        using var response = await SendAsync(_ada, [.. Sound, .. new byte[300_000]]);

        response.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        _host.StandIn.Control.Requests.Keys
            .Should().NotContain(static request => request.StartsWith("POST /storage/v1/object/uploads", StringComparison.Ordinal));
    }

    [TestCase("Übung – Žižek.wav", "Übung – Žižek.wav")]
    [TestCase("録音 2026.wav", "録音 2026.wav")]
    [TestCase("../../🎵.wave", "🎵.wave")]
    public async Task The_users_own_name_is_kept_in_any_script(string fileName, string expected)
    {
        var bob = await _host.SignUpAsync("names");
        using var client = bob.Client();

        using var response = await SendAsync(bob, Sound, "application/octet-stream", fileName);
        var stored = await response.Content.ReadFromJsonAsync<JsonElement>();
        var listed = (await client.GetFromJsonAsync<JsonElement>("/uploads")).GetProperty("files").EnumerateArray().First();
        using var download = await client.GetAsync(stored.GetProperty("url").GetString());
        using var deleted = await client.DeleteAsync(stored.GetProperty("url").GetString());

        stored.GetProperty("display_name").GetString().Should().Be(expected);
        listed.GetProperty("display_name").GetString().Should().Be(expected);
        (await download.Content.ReadAsByteArrayAsync()).Should().Equal(Sound);
        download.Content.Headers.ContentDisposition!.FileNameStar.Should().Be(expected);
        deleted.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    [Test]
    public async Task A_long_name_is_shortened_alike_in_every_response()
    {
        var bob = await _host.SignUpAsync("long");
        using var client = bob.Client();

        using var response = await SendAsync(bob, Sound, "audio/wav", string.Concat(Enumerable.Repeat("録", 200)) + ".wav");
        var stored = await response.Content.ReadFromJsonAsync<JsonElement>();
        var listed = (await client.GetFromJsonAsync<JsonElement>("/uploads")).GetProperty("files").EnumerateArray().Single();

        stored.GetProperty("display_name").GetString().Should().Be(new string('録', 30) + ".wav");
        listed.GetRawText().Should().Contain(stored.GetProperty("name").GetString());
        listed.GetProperty("display_name").GetString().Should().Be(stored.GetProperty("display_name").GetString());
    }

    [Test]
    public async Task A_repeat_with_the_same_key_gets_the_first_file()
    {
        var bob = await _host.SignUpAsync("repeat");
        using var client = bob.Client();

        using var first = await SendAsync(bob, Sound, key: "upload-1");
        using var repeat = await SendAsync(bob, Sound, fileName: "other.wav", key: "upload-1");
        using var changed = await SendAsync(bob, [.. Sound, 1], key: "upload-1");

        repeat.StatusCode.Should().Be(HttpStatusCode.Created);
        repeat.Headers.Location.Should().Be(first.Headers.Location);
        repeat.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
        changed.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        (await client.GetFromJsonAsync<JsonElement>("/uploads")).GetProperty("files").GetArrayLength().Should().Be(1);
    }

    [TestCase(FaultKind.Down)]
    [TestCase(FaultKind.Status)]
    [TestCase(FaultKind.TooManyRequests)]
    public async Task A_Storage_outage_is_503_and_never_404(FaultKind kind)
    {
        var name = await UploadAsync(_ada);
        _host.StandIn.Control.Fail(new Fault(kind) { Service = ServiceName.Storage });
        using var client = _ada.Client();

        (await client.GetAsync($"/uploads/{name}")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await client.GetAsync("/uploads")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await client.DeleteAsync($"/uploads/{name}")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await SendAsync(_ada, Sound)).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    [Test]
    public async Task No_temporary_file_is_left_behind()
    {
        _host.StandIn.Control.ResetRequests();
        _host.StandIn.Control.Fail(new Fault(FaultKind.Hang) { Service = ServiceName.Storage, Path = "/object/uploads" });
        var upload = SendAsync(_ada, Sound);
        while (!upload.IsCompleted && !_host.StandIn.Control.Requests.Keys.Any(
            static request => request.StartsWith("POST /storage/v1/object/uploads", StringComparison.Ordinal)))
        {
            await Task.Yield();
        }

        if (OperatingSystem.IsLinux())
        {
            Temporary().Should().ContainSingle("the upload is in progress").Which
                .Should().EndWith(" (deleted)", "a named file would remain if the process were killed");
        }

        _host.StandIn.Control.ClearFaults();
        using var failed = await upload;
        failed.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        Temporary().Should().BeEmpty();

        await UploadAsync(_ada);

        // The file is only slightly larger than the limit, so that the request is not already rejected because of its length.
        using var rejected = await SendAsync(_ada, [.. Sound, .. new byte[100_000]]);
        rejected.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        Temporary().Should().BeEmpty();
    }

    /// <summary>Returns the temporary files of uploads. On Linux, the result includes open files without a name.</summary>
    private string[] Temporary()
    {
        var open = OperatingSystem.IsLinux()
            ? Directory.GetFiles("/proc/self/fd").Select(static handle => new FileInfo(handle).LinkTarget).OfType<string>()
            : [];
        return [.. open.Concat(Directory.GetFiles(_folder)).Where(path => path.StartsWith(_folder, StringComparison.Ordinal)).Distinct()];
    }

    private static async Task<string> UploadAsync(SignedIn user)
    {
        using var response = await SendAsync(user, Sound);
        response.StatusCode.Should().Be(HttpStatusCode.Created);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("name").GetString()!;
    }

    private static async Task<HttpResponseMessage> SendAsync(
        SignedIn user, byte[] bytes, string type = "audio/wav", string fileName = "tone.wav", string? key = null)
    {
        using var client = user.Client();
        using var file = new ByteArrayContent(bytes);
        file.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var form = new MultipartFormDataContent { { file, "file", fileName } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/uploads") { Content = form };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await client.SendAsync(request);
    }
}
