using System.Globalization;
using System.Net;
using SessionRecovery.Files;
using SessionRecovery.Supabase.Tests.Hosting;

namespace SessionRecovery.Supabase.Tests.Files;

/// <summary>Represents a file of the user Ada in the format of Supabase Storage.</summary>
internal static class ScriptedFile
{
    public const string Name = "take-0123456789ab.wav";

    private static readonly byte[] Bytes = [.. "RIFF"u8, 0, 0, 0, 0, .. "WAVE"u8, 1, 2, 3, 4];

    private static readonly string Row = $$$"""
        [{"name":"{{{Name}}}.{{{new string('a', 64)}}}","id":"33333333-3333-4333-8333-333333333333",
          "created_at":"2026-11-20T10:00:00.000Z","metadata":{"size":{{{Bytes.Length}}},"mimetype":"audio/wav"}}]
        """;

    public static byte[] Sound => Bytes;

    public static FileUpload Upload() => new() { FileName = "take.wav", ContentType = "audio/wav", Content = new MemoryStream(Sound) };

    public static bool IsList(SentRequest request) => request.Target == "/storage/v1/object/list/uploads";

    public static HttpResponseMessage Listed() => ScriptedSupabase.Json(200, Row);

    public static HttpResponseMessage Whole() => new(HttpStatusCode.OK) { Content = new ByteArrayContent(Sound) };

    /// <summary>Returns the requested bytes, but breaks the connection after the first <paramref name="count"/> bytes.</summary>
    public static HttpResponseMessage Broken(SentRequest request, int count)
    {
        var from = request.Range is { } range ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : 0;
        return new(request.Range is null ? HttpStatusCode.OK : HttpStatusCode.PartialContent)
        {
            Content = new StreamContent(new BreakingStream(Sound[from..Math.Min(from + count, Sound.Length)])),
        };
    }

    public static ValueTask<FileOpenResult> OpenAsync(ScriptedHost host) =>
        host.Get<IFileStore>().OpenAsync(ScriptedHost.GetSession(host.Ada), Name, CancellationToken.None);
}
