using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.Files;

/// <summary>The base class for tests with a host that stores files on the local disk.</summary>
internal abstract class FileFieldTest : FieldTest
{
    protected static readonly byte[] Wav = [.. "RIFF\0\0\0\0WAVEfmt "u8, .. Enumerable.Range(0, 3000).Select(static value => (byte)value)];

    protected FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    protected string Folder => File("files");

    protected Task StartFilesAsync(
        Action<WebApplication>? use = null, Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? map = null) =>
        StartAsync(map ?? (static _ => { }), use, (builder, recovery) =>
        {
            builder.Services.AddSingleton<TimeProvider>(Time);
            recovery.AddLocalFiles(Folder, static options => options.MaxSize = 100_000);
            configure?.Invoke(builder);
        });

    /// <summary>Uploads a file with a raw multipart body, because an HTTP client library would add or validate headers.</summary>
    protected static async Task<HttpResponseMessage> UploadAsync(
        HttpClient client,
        byte[] content,
        string? type = "audio/wav",
        string fileName = "filename=\"take.wav\"",
        string path = "/uploads",
        string? key = null)
    {
        var declared = type is null ? string.Empty : $"\r\nContent-Type: {type}";
        byte[] body =
        [
            .. Encoding.UTF8.GetBytes($"--b\r\nContent-Disposition: form-data; name=\"file\"; {fileName}{declared}\r\n\r\n"),
            .. content,
            .. "\r\n--b--\r\n"u8,
        ];
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await client.SendAsync(request);
    }

    protected static async Task<JsonElement> StoreAsync(
        HttpClient client,
        byte[] content,
        string? type = "audio/wav",
        string fileName = "filename=\"take.wav\"",
        string path = "/uploads",
        string? key = null)
    {
        using var response = await UploadAsync(client, content, type, fileName, path, key);
        response.StatusCode.Should().Be(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    protected static async Task<string> LinkAsync(HttpClient client, string url, string suffix = "/links")
    {
        using var response = await client.PostAsync(url + suffix, content: null);
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("url").GetString()!;
    }

    protected static async Task<JsonElement[]> ListAsync(HttpClient client, string path = "/uploads") =>
        [.. (await client.GetFromJsonAsync<JsonElement>(path)).GetProperty("files").EnumerateArray()];

    /// <summary>Returns the paths of all files on disk, including incomplete uploads.</summary>
    protected string[] OnDisk() => Directory.GetFiles(Folder, "*", SearchOption.AllDirectories);
}
