using System.Net.Http.Headers;
using System.Text.Json;

namespace SessionRecovery.Supabase.Tests.Host;

/// <summary>Represents a signed-in user and sends the user's requests to the host.</summary>
internal sealed class SignedIn(SupabaseHost host, string id, string email, string token, string refreshToken)
{
    public string Id => id;

    public string Email => email;

    public string Token => token;

    public string RefreshToken => refreshToken;

    /// <summary>Creates an HTTP client for the host with the user's token.</summary>
    public HttpClient Client()
    {
        var client = new HttpClient { BaseAddress = host.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public async Task<(int Status, JsonElement Body)> GetAsync(string path)
    {
        using var client = Client();
        using var response = await client.GetAsync(path);
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>Returns the credits in the response, or <see langword="null"/> if the response contains no number.</summary>
    public async Task<long?> CreditsAsync(bool refresh = false)
    {
        var (status, body) = await GetAsync(refresh ? "/auth/credits?refresh=true" : "/auth/credits");
        return status == 200 && body.GetProperty("credits").ValueKind == JsonValueKind.Number
            ? body.GetProperty("credits").GetInt64()
            : null;
    }

    public async Task<string> HealthAsync() => (await GetAsync("/session/health")).Body.GetProperty("status").GetString()!;

    public async Task<HttpResponseMessage> WorkAsync(string key)
    {
        using var client = Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/work");
        request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }
}
