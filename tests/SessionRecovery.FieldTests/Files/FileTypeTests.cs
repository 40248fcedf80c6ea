using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.FieldTests.Files;

/// <summary>
/// Tests that the first bytes of a file determine its content type, and that a declared content type must be compatible with it.
/// </summary>
[TestFixture]
internal sealed class FileTypeTests : FileFieldTest
{
    private static readonly byte[] WebM = [0x1A, 0x45, 0xDF, 0xA3, 0x9F, .. "B\u0082\u0084webm"u8, .. Track("A_OPUS")];

    private static IEnumerable<TestCaseData> Accepted()
    {
        // These content types are sent by Chromium's MediaRecorder, phones, curl and operating systems.
        yield return Case(WebM, "audio/webm;codecs=opus", "audio/webm", "webm");
        yield return Case(WebM, "video/webm;codecs=opus", "audio/webm", "webm");
        yield return Case(WebM, "application/octet-stream", "audio/webm", "webm");
        yield return Case(Wav, null, "audio/wav", "wav");
        yield return Case(Wav, "application/octet-stream", "audio/wav", "wav");
        yield return Case(Wav, "binary/octet-stream", "audio/wav", "wav");
        yield return Case(Wav, "audio/x-pn-wav", "audio/wav", "wav");
        yield return Case(Wav, "AUDIO/X-WAV; charset=binary", "audio/wav", "wav");
        yield return Case(Wav, "this is no type", "audio/wav", "wav");
        yield return Case(Iso("M4A "), "audio/m4a", "audio/mp4", "m4a");
        yield return Case(Iso("M4B "), "audio/x-m4b", "audio/mp4", "m4b");
        yield return Case(Iso("M4A "), "audio/aac", "audio/mp4", "aac");
        yield return Case(Iso("isom"), "audio/mp4", "audio/mp4", "mp4");
        yield return Case([.. Iso("isom"), .. Handler("soun")], "video/mp4", "audio/mp4", "mp4");
        yield return Case([.. Iso("mp42"), .. Handler("soun")], "video/mp4; codecs=mp4a.40.2", "audio/mp4", "mp4");
        yield return Case([.. Iso("qt  "), .. Handler("soun")], "video/quicktime", "audio/mp4", "qta");
        yield return Case([0xFF, 0xF1, 0x50, 0x80, 1, 2, 3], "audio/aac", "audio/aac", "aac");
        yield return Case([0xFF, 0xF9, 0x50, 0x80, 1, 2, 3], "audio/x-aac", "audio/aac", "aac");
        yield return Case([.. "RF64"u8, 0xFF, 0xFF, 0xFF, 0xFF, .. "WAVEds64"u8], "audio/wav", "audio/wav", "wav");
        yield return Case([.. "BW64\0\0\0\0WAVEds64"u8], null, "audio/wav", "bwf");
        yield return Case(Wav, "application/octet-stream", "audio/wav", "wave");
        yield return Case(Wav, "application/octet-stream", "audio/wav", "bwf");
        yield return Case([.. "caff\0\u0001\0\0desc"u8], "application/octet-stream", "audio/x-caf", "caf");
        yield return Case([.. "FORM\0\0\0\0AIFFCOMM"u8], "audio/x-aiff", "audio/aiff", "aif");
        yield return Case([.. "FORM\0\0\0\0AIFCFVER"u8], "audio/aiff", "audio/aiff", "aifc");
        yield return Case([.. "#!AMR\n"u8, 0x3C, 1, 2], "audio/amr", "audio/amr", "amr");
        yield return Case([.. Iso("3gp4"), .. Handler("soun")], "video/3gpp", "audio/3gpp", "3gp");
        yield return Case(Iso("3gp6"), "audio/3gpp", "audio/3gpp", "3gp");
        yield return Case([0xFF, 0xFB, 0x90, 0x64, 1, 2], "audio/mp3", "audio/mpeg", "mp3");
        yield return Case([.. "ID3\u0003\0\0\0\0\0\0"u8, 0xFF, 0xFB, 0x90, 0x64], "audio/mpeg", "audio/mpeg", "mp3");
        yield return Case([.. "OggS\0\u0002\0\0\0\0"u8, .. "OpusHead"u8], "audio/ogg; codecs=opus", "audio/ogg", "opus");
        yield return Case([.. "fLaC\0\0\0\u0022"u8], "audio/x-flac", "audio/flac", "flac");
        yield return Case([.. "GIF89a\u0001\0"u8], "image/gif", "image/gif", "gif");
        yield return Case(Iso("avif"), "image/avif", "image/avif", "avif");
        yield return Case(Iso("mif1", "miaf", "avif"), "application/octet-stream", "image/avif", "avif");
        yield return Case(Iso("heic"), "image/heic", "image/heic", "heic");
        yield return Case(Iso("mif1", "heic"), "image/heif", "image/heic", "heic");
        yield return Case([0xFF, 0xD8, 0xFF, 0xE0], "image/jpg", "image/jpeg", "jpg");
        yield return Case([0x89, .. "PNG\r\n\u001A\n"u8], "image/x-png", "image/png", "png");
    }

    private static IEnumerable<TestCaseData> Refused()
    {
        yield return Case([.. "<!DOCTYPE html><script>alert(1)</script>"u8], "audio/wav", "text/html");
        yield return Case([.. "<html>"u8], "text/html", "text/html");
        yield return Case([.. " \r\n<svg onload=alert(1)>"u8], "image/png", "image/svg+xml");
        yield return Case([.. "<?xml version='1.0'?><svg/>"u8], "image/svg+xml", "image/svg+xml");
        yield return Case([.. "<!--ftypisom--><script>alert(1)</script>"u8], "audio/mp4", "text/html");
        yield return Case([.. "OggS<script>alert(1)</script>"u8], "audio/ogg", "text/plain");
        yield return Case([.. "ID3<script>alert(1)</script>"u8], "audio/mpeg", "text/plain");
        yield return Case([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("<script>alert(1)</script>")], "audio/mpeg", "text/html");
        yield return Case([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(" <html>")], null, "text/html");
        yield return Case([.. "alert(1)"u8], "text/javascript", "text/plain");
        yield return Case([.. "#!/bin/sh\nrm"u8], null, "text/x-shellscript");
        yield return Case([.. "%PDF-1.7"u8], "application/pdf", "application/pdf");
        yield return Case([.. "PK\u0003\u0004"u8, 0, 0], "audio/wav", "application/zip");
        yield return Case([0, 1, 2, 3, 4, 5, 6, 7], "audio/wav", "application/octet-stream");
        yield return Case(Wav, "image/png", "audio/wav");
        yield return Case(Wav, "text/html", "audio/wav");
        yield return Case([.. Iso("isom"), .. Handler("soun"), .. Handler("vide")], "video/mp4", "video/mp4");
        yield return Case([.. WebM, .. Track("V_VP9")], "video/webm", "video/webm");
    }

    [TestCaseSource(nameof(Accepted))]
    public async Task Good_bytes_are_accepted_whatever_a_client_calls_them(
        byte[] content, string? declared, string expected, string extension)
    {
        await StartFilesAsync();
        using var client = await Host.SignInAsync("ann");

        var file = await StoreAsync(client, content, declared, $"filename=\"take.{extension}\"");
        using var download = await client.GetAsync(file.GetProperty("url").GetString());

        file.GetProperty("content_type").GetString().Should().Be(expected);
        download.Content.Headers.ContentType!.ToString().Should().Be(expected);
        (await download.Content.ReadAsByteArrayAsync()).Should().Equal(content);
    }

    [TestCaseSource(nameof(Refused))]
    public async Task Other_bytes_are_refused_with_the_type_that_was_seen(byte[] content, string? declared, string seen)
    {
        await StartFilesAsync();
        using var client = await Host.SignInAsync("ann");

        using var response = await UploadAsync(client, content, declared);

        response.StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("code").GetString().Should().Be("file_type_not_supported");
        problem.GetProperty("content_type").GetString().Should().Be(seen);
        problem.GetProperty("detail").GetString().Should().Contain(seen).And.Contain("audio/wav, audio/mpeg");
        problem.GetProperty("accepted").EnumerateArray().Select(static type => type.GetString())
            .Should().Contain(["audio/wav", "image/heic"]);
        OnDisk().Should().BeEmpty();
    }

    [Test]
    public async Task The_host_widens_the_list()
    {
        await StartFilesAsync(configure: static builder =>
        {
            string[] types = ["application/pdf", "video/mp4", "text/html", "image/svg+xml", "text/csv", "application/x-session"];
            for (var index = 0; index < types.Length; index++)
            {
                builder.Configuration[$"SessionRecovery:Files:AllowedContentTypes:{index}"] = types[index];
            }
        });
        using var client = await Host.SignInAsync("ann");
        (byte[] Content, string? Declared, string Expected)[] widened =
        [
            ([.. "%PDF-1.7"u8], null, "application/pdf"),
            ([.. Iso("isom"), .. Handler("vide")], "video/mp4", "video/mp4"),
            (Iso("isom"), "video/mp4", "video/mp4"),
            (Iso("isom"), "audio/mp4", "audio/mp4"),
            ([.. "<html>"u8], "text/html", "text/html"),
            ([.. "<svg/>"u8], "image/svg+xml", "image/svg+xml"),
            ([.. "a;b\r\n1;2"u8], "text/csv; charset=utf-8", "text/csv"),
            ([0, 1, 2, 3], "application/x-session", "application/x-session"),
            (Wav, "audio/wav", "audio/wav"),
        ];

        foreach (var (content, declared, expected) in widened)
        {
            (await StoreAsync(client, content, declared)).GetProperty("content_type").GetString().Should().Be(expected);
        }

        using var still = await UploadAsync(client, [.. "<html>"u8], "text/csv");
        using var text = await UploadAsync(client, [.. "hello"u8], "audio/wav");
        using var disguised = await UploadAsync(client, [0, 1, 2, 3], "application/pdf");
        using var video = await UploadAsync(client, [.. WebM, .. Track("V_VP9")], "video/webm");
        foreach (var refused in (HttpResponseMessage[])[still, text, disguised, video])
        {
            refused.StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
        }

        (await video.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accepted").EnumerateArray()
            .Select(static type => type.GetString()).Should().Contain("application/pdf");
    }

    [TestCase("audio/*")]
    [TestCase("pdf")]
    [TestCase("text/csv; charset=utf-8")]
    [TestCase("")]
    public async Task A_type_that_is_none_stops_the_start(string type)
    {
        var start = () => StartFilesAsync(
            configure: builder => builder.Configuration["SessionRecovery:Files:AllowedContentTypes:0"] = type);

        (await start.Should().ThrowAsync<Exception>()).WithMessage("*SessionRecovery:Files:AllowedContentTypes must contain*");
    }

    private static TestCaseData Case(byte[] content, params object?[] more) => new([content, .. more]);

    /// <summary>Creates a file type box with its major brand, a version and the compatible brands.</summary>
    private static byte[] Iso(string brand, params string[] compatible) =>
    [
        0, 0, 0, (byte)(16 + (4 * compatible.Length)), .. "ftyp"u8, .. Encoding.Latin1.GetBytes(brand), 0, 0, 2, 0,
        .. compatible.SelectMany(Encoding.Latin1.GetBytes),
    ];

    private static byte[] Handler(string type) => [0, 0, 0, 33, .. "hdlr"u8, 0, 0, 0, 0, 0, 0, 0, 0, .. Encoding.Latin1.GetBytes(type), 0];

    private static byte[] Track(string codec) => [0x86, (byte)(0x80 | codec.Length), .. Encoding.Latin1.GetBytes(codec)];
}
