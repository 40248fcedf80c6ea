using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SupabaseStandIn.Database;
using SupabaseStandIn.Gateway;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Storage;

/// <summary>
/// Creates and opens signed links. The token in a link contains the name of the object, and every client that has the link may read the
/// object.
/// </summary>
internal sealed class Signing(ObjectTable objects, Downloads downloads, KeyRing keys, StandInClock clock, bool isNew)
{
    private const long MaxSeconds = 1_000_000_000;

    public async Task CreateAsync(ServiceRequest request, StorageCaller caller, ObjectKey key)
    {
        var seconds = ReadSeconds(await StorageService.ReadJsonAsync(request));
        _ = await objects.FindAsync(caller, key.Bucket, key.Name, request.Aborted) ?? throw StorageError.NoSuchKey();
        await request.Response.JsonAsync(200, new JsonObject { ["signedURL"] = Link(key, seconds) }, StorageService.JsonType);
    }

    /// <summary>
    /// Creates links to several objects of a bucket. The status is always 200. The response contains no link for an object that the caller
    /// may not read.
    /// </summary>
    public async Task CreateManyAsync(ServiceRequest request, StorageCaller caller, string bucket)
    {
        var body = await StorageService.ReadJsonAsync(request);
        var seconds = ReadSeconds(body);
        if (body["paths"] is not JsonArray paths)
        {
            throw StorageError.Request("body must have required property 'paths'");
        }

        var links = new JsonArray();
        foreach (var name in paths.Select(static path => path!.GetValue<string>()))
        {
            var mayRead = await objects.FindAsync(caller, bucket, name, request.Aborted) is not null;
            links.Add(new JsonObject
            {
                ["error"] = mayRead ? null : "Either the object does not exist or you do not have access to it",
                ["path"] = name,
                ["signedURL"] = mayRead ? Link(new ObjectKey(bucket, name), seconds) : null,
            });
        }

        await request.Response.JsonAsync(200, links, StorageService.JsonType);
    }

    private long ReadSeconds(JsonObject body)
    {
        if (body["expiresIn"] is not { } expiresIn)
        {
            throw StorageError.Request("body must have required property 'expiresIn'");
        }

        if (!long.TryParse(expiresIn.GetValueKind() == JsonValueKind.String
            ? expiresIn.GetValue<string>()
            : expiresIn.ToJsonString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds < 1 || (isNew && seconds > MaxSeconds))
        {
            throw StorageError.InvalidParameter("Invalid Parameter expiresIn");
        }

        return seconds;
    }

    private string Link(ObjectKey key, long seconds)
    {
        var claims = new JsonObject
        {
            ["url"] = $"{key.Bucket}/{key.Name}",
            ["iat"] = clock.Seconds,
            ["exp"] = clock.Seconds + seconds,
        };
        if (isNew)
        {
            claims["scope"] = "download";
        }

        var path = $"/object/sign/{key.Bucket}/{string.Join('/', key.Name.Split('/').Select(Uri.EscapeDataString))}";
        return $"{path}?token={Token.Write(claims, keys.Legacy)}";
    }

    public Task OpenAsync(ServiceRequest request, ObjectKey key)
    {
        if (request.Parameter("token") is not { } text)
        {
            throw StorageError.Request("querystring must have required property 'token'");
        }

        var claims = StorageCaller.Verify(text, keys, clock, StorageError.InvalidToken);
        if (claims.Text("url") != $"{key.Bucket}/{key.Name}")
        {
            throw StorageError.InvalidSignature();
        }

        if (isNew && claims.Text("scope") is not "download")
        {
            throw StorageError.InvalidSignature("Token is not scoped for download");
        }

        claims.TrySeconds("exp", out var expires);
        var latest = Math.Min(expires ?? 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds());
        return downloads.HandleAsync(
            request, caller: null, key, DateTimeOffset.FromUnixTimeSeconds((long)latest).ToString("R", CultureInfo.InvariantCulture));
    }
}
