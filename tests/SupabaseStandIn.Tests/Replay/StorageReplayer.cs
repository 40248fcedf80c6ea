using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>Replays the recording of Storage with its two buckets, two users and initial objects.</summary>
internal sealed partial class StorageReplayer(StandIn standIn, string? folder = null)
    : Replayer(standIn, "/storage/v1", Headers, exactValues: false)
{
    public const string Fixture =
        """
        update storage.buckets set file_size_limit = 1000000,
            allowed_mime_types = '{text/plain,text/html,image/*,application/pdf,application/octet-stream}' where id = 'uploads';
        insert into storage.buckets (id, name, public) values ('pub', 'pub', true);
        """;

    public const string UserA = "11111111-1111-4111-8111-111111111111";
    public const string HelloName = $"{UserA}/hello.txt";

    private const string Hello = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuv";

    private static readonly string[] Headers =
        ["content-type", "content-range", "accept-ranges", "etag", "cache-control", "content-disposition", "x-robots-tag", "retry-after"];

    private StorageDatabaseStates? _states;

    private StorageDatabaseStates States =>
        _states ??= new StorageDatabaseStates(this, folder ?? throw new InvalidOperationException("The folder of the bytes is not known."));

    /// <summary>Creates the objects that a recorded request reads but no recorded request writes.</summary>
    public async Task FillAsync()
    {
        await PutAsync("pub/open.txt", "text/plain", Hello);
        await PutAsync($"uploads/{UserA}/page.html", "text/html", "<b>x</b>");
        foreach (var name in new[] { "l/a.txt", "l/b.txt", "l/c.txt", "l/sub/d.txt", "l/sub/e.txt", "l/A_+.txt", "d1.txt",
            "d2.txt", "d3.txt" })
        {
            await PutAsync($"uploads/{UserA}/{name}", "text/plain", name);
        }

        // Creates a row for an object whose bytes are missing.
        await StandIn.Control.ExecuteAsync(
            $$"""
            insert into storage.objects (bucket_id, name, owner, owner_id, version, metadata) values ('uploads', '{{UserA}}/ghost.txt',
                '{{UserA}}', '{{UserA}}', 'gone',
                '{"eTag": "\"71144850f4fb4cc55fc0ee6935badddf\"", "size": 5, "mimetype": "text/plain", "cacheControl": "no-cache",
                    "lastModified": "2026-11-24T06:10:52.000Z", "contentLength": 5, "httpStatusCode": 200}')
            """);
    }

    public async Task PutHelloAsync() => await PutAsync($"uploads/{HelloName}", "text/plain", Hello, "max-age=60");

    public async Task ReadHelloAsync() =>
        (await SendAsync("GET", $"/object/authenticated/uploads/{HelloName}", Forge("user-a-token"), body: null)).Dispose();

    protected override Task<HttpResponseMessage> SendInStateAsync(Exchange exchange, Func<Task<HttpResponseMessage>> send) =>
        exchange.Group == "db" ? States.SendInStateAsync(exchange.Name, send) : send();

    protected override HttpContent Content(Exchange exchange, byte[] bytes) =>
        exchange.Group == "db" ? States.Content(exchange.Name, bytes) : base.Content(exchange, bytes);

    protected override async Task<string?> FindAsync(string name)
    {
        switch (name)
        {
            case "anon-key":
                return StandIn.Keys.Anon;
            case "service-key":
                return StandIn.Keys.ServiceRole;
            case "garbage-token":
                return "garbage";
            case "three-part-garbage-token":
                return "aaa.bbb.ccc";
            case "signed-token-for-hello.txt":
                return await SignAsync(3600);
            case "signed-token-with-broken-signature":
                return Break(await SignAsync(3600));
            case "token-with-changed-payload":
                var parts = (await SignAsync(3600)).Split('.');
                var payload = (JsonObject)JsonNode.Parse(Base64Url.TryDecode(parts[1])!)!;
                payload["url"] = "uploads/22222222-2222-4222-8222-222222222222/secret.txt";
                return $"{parts[0]}.{Base64Url.Encode(Encoding.UTF8.GetBytes(payload.ToJsonString()))}.{parts[2]}";
            case "signed-token-expired":
                var expired = await SignAsync(1);
                await StandIn.Control.AdvanceAsync(TimeSpan.FromSeconds(2));
                return expired;
            default:
                return name.EndsWith("-token", StringComparison.Ordinal) && !name.StartsWith("signed", StringComparison.Ordinal)
                    ? Forge(name)
                    : null;
        }
    }

    protected override byte[]? Describe(Exchange exchange, string text)
    {
        if (text == "<empty>")
        {
            return [];
        }

        if (Size().Match(text) is { Success: true } size)
        {
            return [.. Enumerable.Repeat((byte)'x', int.Parse(size.Groups[1].Value, CultureInfo.InvariantCulture))];
        }

        const string Metadata = """{"k":"v"}""";
        return exchange.Name switch
        {
            "upload-multipart-supabase-js-order" =>
                Multipart(("cacheControl", null, "3600"), ("metadata", null, Metadata), (string.Empty, "image/png", new string('x', 70))),
            "upload-multipart-file-first" => Multipart(("file", "image/png", "xxx"), ("cacheControl", null, "3600")),
            "upload-multipart-no-file" => Multipart(("cacheControl", null, "3600")),
            "upload-multipart-file-without-content-type" => Multipart(("file", string.Empty, "xxx")),
            "delete-many-1001" => Encoding.ASCII.GetBytes(new JsonObject { ["prefixes"] =
                new JsonArray([.. Enumerable.Range(0, 1001).Select(number => JsonValue.Create($"{UserA}/{number:00}"))]) }.ToJsonString()),
            "upload-too-large-multipart" or "upload-chunked-multipart-too-large" =>
                Multipart(("file", "text/plain", new string('x', 1_000_001))),
            _ => null,
        };
    }

    private static byte[] Multipart(params (string Name, string? Type, string Content)[] parts)
    {
        var body = new StringBuilder();
        foreach (var (name, type, content) in parts)
        {
            body.Append("--XBOUNDARYX\r\nContent-Disposition: form-data; name=\"").Append(name).Append('"');
            body.Append(type is null ? string.Empty : "; filename=\"x.png\"")
                .Append(string.IsNullOrEmpty(type) ? string.Empty : $"\r\nContent-Type: {type}");
            body.Append("\r\n\r\n").Append(content).Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(body.Append("--XBOUNDARYX--\r\n").ToString());
    }

    private static string Break(string token) => token[..^2] + (token[^2] == 'A' ? 'B' : 'A') + token[^1];

    public async Task PutAsync(string key, string type, string content, string cacheControl = "no-cache")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post,
            $"{StandIn.Url}/storage/v1/object/{key}") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(content)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        request.Headers.TryAddWithoutValidation("Authorization",
            $"Bearer {(key.StartsWith("pub/", StringComparison.Ordinal) ? StandIn.Keys.ServiceRole : Forge("user-a-token"))}");
        request.Headers.TryAddWithoutValidation("Cache-Control", cacheControl);
        using var client = new HttpClient();
        using var response = await client.SendAsync(request);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{key}: {await response.Content.ReadAsStringAsync()}");
        }
    }

    private async Task<string> SignAsync(int seconds)
    {
        using var response = await SendAsync(
            "POST", $"/object/sign/uploads/{UserA}/hello.txt", Forge("user-a-token"), new JsonObject { ["expiresIn"] = seconds });
        var link = JsonNode.Parse(await response.Content.ReadAsStringAsync())?["signedURL"]?.ToString()
            ?? throw new InvalidOperationException("hello.txt can't be signed for.");
        return link[(link.IndexOf("token=", StringComparison.Ordinal) + 6)..];
    }

    private string Forge(string name)
    {
        var now = StandIn.Control.Now.ToUnixTimeSeconds();
        var header = new JsonObject { ["alg"] = name == "alg-none-token" ? "none" : "HS256", ["typ"] = "JWT" };
        var claims = new JsonObject { ["sub"] = UserA, ["role"] = "authenticated", ["aud"] = "authenticated", ["iat"] = now,
            ["exp"] = now + 36_000 };
        switch (name)
        {
            case "user-b-token": claims["sub"] = "22222222-2222-4222-8222-222222222222"; break;
            case "expired-token": claims["exp"] = now - 3600; break;
            case "just-expired-token": claims["exp"] = now - 2; break;
            case "no-exp-token": claims.Remove("exp"); break;
            case "no-sub-token": claims.Remove("sub"); break;
            case "no-role-token": claims.Remove("role"); break;
            case "non-uuid-sub-token": claims["sub"] = "not-a-uuid"; break;
            case "unknown-role-token": claims["role"] = "nosuchrole"; break;
            case "nbf-future-token": claims["nbf"] = now + 36_000; break;
            case "iat-future-token": claims["iat"] = now + 36_000; break;
        }

        return TokenForge.Sign(header, claims, name == "wrong-signature-token" ? "another" : StandIn.Keys.JwtSecret);
    }

    [GeneratedRegex("^<(?:declared )?([0-9]+)(?: bytes>$|;)")]
    private static partial Regex Size();
}
