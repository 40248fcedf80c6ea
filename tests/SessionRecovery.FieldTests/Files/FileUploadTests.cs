using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Files;

namespace SessionRecovery.FieldTests.Files;

/// <summary>Tests that an upload is either stored completely and once, or leaves no bytes behind.</summary>
[TestFixture]
internal sealed class FileUploadTests : FileFieldTest
{
    [TestCase(100_001)]
    [TestCase(200_000)]
    [TestCase(3_000_000)]
    public async Task A_chunked_upload_that_is_too_large_is_413(int size)
    {
        await StartFilesAsync();
        using var client = await Host.SignInAsync("ann");

        using var response = await SendChunkedAsync(client, size);

        response.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await CodeAsync(response)).Should().Be("file_too_large");
        OnDisk().Should().BeEmpty();
    }

    [Test]
    public async Task A_lower_limit_of_the_host_is_413_too()
    {
        await StartFilesAsync(use: static app => app.Use(static (context, next) =>
        {
            var limited = new FixedBodyLimit(context.Request.Body, 50_000);
            context.Request.Body = limited;
            context.Features.Set<IHttpMaxRequestBodySizeFeature>(limited);
            return next(context);
        }));
        using var client = await Host.SignInAsync("ann");

        using var response = await SendChunkedAsync(client, 90_000);

        response.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await CodeAsync(response)).Should().Be("body_too_large");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task An_upload_whose_row_cannot_be_written_leaves_no_bytes(bool isReadable)
    {
        await StartFilesAsync(configure: builder => Break(builder, writes: false, isReadable));
        using var client = await Host.SignInAsync("ann");

        using var response = await UploadAsync(client, Wav);

        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadAsStringAsync()).Should().NotContain(Folder).And.NotContain("no room");
        if (isReadable)
        {
            OnDisk().Should().BeEmpty();
        }

        // If the manifest could not be read, the store keeps the bytes, because the row may exist. The next host can read the manifest, and
        // its file sweeper deletes the bytes after one day.
        await StartFilesAsync();
        Time.Advance(TimeSpan.FromHours(25));
        await EventuallyAsync(() => Task.FromResult(OnDisk().Length == 0));
    }

    [Test]
    public async Task A_row_that_was_written_although_the_manifest_failed_is_a_stored_file()
    {
        await StartFilesAsync(configure: static builder => Break(builder, writes: true, reads: true));
        using var client = await Host.SignInAsync("ann");

        var file = await StoreAsync(client, Wav);

        (await client.GetByteArrayAsync(file.GetProperty("url").GetString())).Should().Equal(Wav);
    }

    [Test]
    public async Task Bytes_without_a_row_are_deleted_after_a_day_and_others_never()
    {
        await StartFilesAsync();
        using var client = await Host.SignInAsync("ann");
        var kept = await StoreAsync(client, Wav);
        var path = OnDisk().Single();
        var killed = Path.Combine(Path.GetDirectoryName(path)!, "killed-0123456789ab.wav");
        await System.IO.File.WriteAllBytesAsync(killed, Wav);
        var foreign = Path.Combine(Folder, "notes.txt");
        await System.IO.File.WriteAllTextAsync(foreign, "the operator's own");
        System.IO.File.SetLastWriteTimeUtc(foreign, Time.GetUtcNow().UtcDateTime.AddDays(-9));

        Time.Advance(TimeSpan.FromHours(23));
        await StartFilesAsync();
        System.IO.File.Exists(killed).Should().BeTrue("it may belong to an upload that runs");
        Time.Advance(TimeSpan.FromHours(8));
        await EventuallyAsync(() => Task.FromResult(!System.IO.File.Exists(killed)));

        using var again = await Host.SignInAsync("ann");
        (await again.GetByteArrayAsync(kept.GetProperty("url").GetString())).Should().Equal(Wav);
        System.IO.File.Exists(foreign).Should().BeTrue();
    }

    [Test]
    public async Task A_start_with_another_database_deletes_no_files()
    {
        await StartFilesAsync();
        using (var client = await Host.SignInAsync("ann"))
        {
            for (var count = 0; count < 25; count++)
            {
                await StoreAsync(client, Wav);
            }
        }

        // The next host starts with an empty database. The deletion of the incomplete upload shows that the file sweeper has run.
        await Host.StopAsync();
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Folder)!, "credits.db*"))
        {
            System.IO.File.Delete(file);
        }

        var incomplete = Path.Combine(Folder, ".incoming", Guid.NewGuid().ToString("N"));
        await StartFilesAsync();
        await System.IO.File.WriteAllBytesAsync(incomplete, Wav);
        Time.Advance(TimeSpan.FromHours(25));
        await EventuallyAsync(() => Task.FromResult(!System.IO.File.Exists(incomplete)));
        Time.Advance(TimeSpan.FromHours(6));

        OnDisk().Should().HaveCount(25);
    }

    [Test]
    public async Task A_start_keeps_the_running_uploads_of_another_process()
    {
        var incoming = Directory.CreateDirectory(Path.Combine(Folder, ".incoming")).FullName;
        var running = Path.Combine(incoming, "running");
        var dead = Path.Combine(incoming, "dead");
        await System.IO.File.WriteAllBytesAsync(running, Wav);
        await System.IO.File.WriteAllBytesAsync(dead, Wav);
        System.IO.File.SetLastWriteTimeUtc(running, Time.GetUtcNow().UtcDateTime.AddHours(-23));
        System.IO.File.SetLastWriteTimeUtc(dead, Time.GetUtcNow().UtcDateTime.AddHours(-25));

        await StartFilesAsync();

        System.IO.File.Exists(running).Should().BeTrue();
        System.IO.File.Exists(dead).Should().BeFalse();
    }

    [Test]
    public async Task A_repeat_with_the_same_key_gets_the_first_file_also_after_a_restart()
    {
        await StartFilesAsync();
        using var client = await Host.SignInAsync("ann");
        using var bob = await Host.SignInAsync("bob");
        var first = await StoreAsync(client, Wav, key: "upload-1");
        await StartFilesAsync();
        using var again = await Host.SignInAsync("ann");

        using var repeat = await UploadAsync(again, Wav, "application/octet-stream", "filename=\"other name.wave\"", key: "upload-1");
        using var foreign = await UploadAsync(await Host.SignInAsync("bob"), Wav, key: "upload-1");
        using var changed = await UploadAsync(again, [.. Wav, 1], key: "upload-1");
        using var next = await UploadAsync(again, Wav, key: "upload-2");

        repeat.StatusCode.Should().Be(HttpStatusCode.Created);
        repeat.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
        repeat.Headers.Location!.OriginalString.Should().Be(first.GetProperty("url").GetString());
        (await repeat.Content.ReadFromJsonAsync<JsonElement>()).GetRawText().Should().Be(first.GetRawText());
        foreign.Headers.Contains("Idempotency-Replayed").Should().BeFalse();
        changed.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        (await CodeAsync(changed)).Should().Be("key_conflict");
        next.Headers.Contains("Idempotency-Replayed").Should().BeFalse();
        (await ListAsync(again)).Should().HaveCount(2);
    }

    [Test]
    public async Task A_key_is_used_by_one_upload_at_a_time()
    {
        await StartFilesAsync();
        using var client = await Host.SignInAsync("ann");

        var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => UploadAsync(client, Wav, key: "same")));

        responses.Should().OnlyContain(static response =>
            response.StatusCode == HttpStatusCode.Created || response.StatusCode == HttpStatusCode.Conflict);
        foreach (var busy in responses.Where(static response => response.StatusCode == HttpStatusCode.Conflict))
        {
            (await CodeAsync(busy)).Should().Be("in_progress");
            busy.Headers.RetryAfter.Should().NotBeNull();
        }

        (await ListAsync(client)).Should().ContainSingle();
        OnDisk().Should().ContainSingle();
    }

    [Test]
    public async Task A_repeat_replaces_the_bytes_of_a_process_that_was_killed_before_the_row()
    {
        await StartFilesAsync();
        using var client = await Host.SignInAsync("ann");
        var first = await StoreAsync(client, Wav, key: "upload-1");
        var path = OnDisk().Single();
        using var deleted = await client.DeleteAsync(first.GetProperty("url").GetString());
        await System.IO.File.WriteAllBytesAsync(path, Wav[..20]);

        var repeat = await StoreAsync(client, Wav, key: "upload-1");

        (await client.GetByteArrayAsync(repeat.GetProperty("url").GetString())).Should().Equal(Wav);
        OnDisk().Should().ContainSingle();
    }

    [Test]
    public async Task A_failed_upload_does_not_use_its_key()
    {
        await StartFilesAsync();
        using var client = await Host.SignInAsync("ann");

        using var refused = await UploadAsync(client, [.. "<html>"u8], "text/html", key: "upload-1");
        using var invalid = await UploadAsync(client, Wav, key: new string('k', 251));
        await StoreAsync(client, Wav, key: "upload-1");

        refused.StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
        (await CodeAsync(invalid)).Should().Be("invalid_idempotency_key");
    }

    private static void Break(WebApplicationBuilder builder, bool writes, bool reads)
    {
        var inner = builder.Services.Last(static service => service.ServiceType == typeof(IFileManifest));
        builder.Services.Remove(inner);
        builder.Services.AddSingleton<IFileManifest>(services => new FailingManifest(
            (IFileManifest)ActivatorUtilities.CreateInstance(services, inner.ImplementationType!), writes, reads));
    }

    private static async Task<HttpResponseMessage> SendChunkedAsync(HttpClient client, int size)
    {
        using var part = new StreamContent(new MemoryStream([.. Wav, .. new byte[size - Wav.Length]]));
        part.Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
        using var form = new MultipartFormDataContent { { part, "file", "take.wav" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/uploads") { Content = form };
        request.Headers.TransferEncodingChunked = true;
        return await client.SendAsync(request);
    }
}
