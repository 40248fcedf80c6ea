using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SupabaseStandIn.Database;
using SupabaseStandIn.Gateway;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Storage;

/// <summary>Signed links: a token that names the object, good for whoever has it.</summary>
internal sealed class Signing(ObjectTable objects, Downloads downloads, KeyRing keys, StandInClock clock)
{
    private const long LongestSeconds = 1_000_000_000;

    public async Task CreateAsync(ServiceRequest request, StorageCaller caller, ObjectKey key)
    {
        var body = await StorageService.ReadJsonAsync(request);
        if (body["expiresIn"] is not { } expiresIn)
        {
            throw StorageError.Request("body must have required property 'expiresIn'");
        }

        if (!long.TryParse(expiresIn.GetValueKind() == JsonValueKind.String ? expiresIn.GetValue<string>() : expiresIn.ToJsonString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds is < 1 or > LongestSeconds)
        {
            throw StorageError.InvalidParameter("Invalid Parameter expiresIn");
        }

        _ = await objects.FindAsync(caller, key.Bucket, key.Name, request.Aborted) ?? throw StorageError.NoSuchKey();
        var claims = new JsonObject
        {
            ["url"] = $"{key.Bucket}/{key.Name}",
            ["scope"] = "download",
            ["iat"] = clock.Seconds,
            ["exp"] = clock.Seconds + seconds,
        };
        var path = $"/object/sign/{key.Bucket}/{string.Join('/', key.Name.Split('/').Select(Uri.EscapeDataString))}";
        await request.Response.JsonAsync(200, new JsonObject { ["signedURL"] = $"{path}?token={Token.Write(claims, keys.Legacy)}" }, StorageService.JsonType);
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

        if (claims.Text("scope") is not "download")
        {
            throw StorageError.InvalidSignature("Token is not scoped for download");
        }

        claims.TrySeconds("exp", out var expires);
        return downloads.HandleAsync(request, caller: null, key, DateTimeOffset.FromUnixTimeSeconds((long)(expires ?? 0)).ToString("R", CultureInfo.InvariantCulture));
    }
}
