using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Benchmarks;

/// <summary>
/// Measures requests for a cached balance with an ES256 token. The result is compared with an anonymous endpoint of the same host with a
/// body of the same size.
/// </summary>
internal static class HotRequests
{
    private const string Project = "https://project.supabase.test";
    private const int Connections = 16;
    private const int Rounds = 7;

    // Each run uses a new key id, because the host persists keys across runs.
    private static readonly string KeyId = Guid.NewGuid().ToString();

    private static readonly TimeSpan RoundLength = TimeSpan.FromSeconds(1.5);

    public static async Task<IReadOnlyList<Row>> RunAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = Token(key);
        var body = Array.Empty<byte>();
        await using var app = Build(key);
        app.MapGet("/open", (HttpContext context) =>
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body).AsTask();
        });
        app.MapSessionRecovery();
        await app.StartAsync();
        var address = new Uri(app.Urls.Single());
        using (var client = new HttpClient { BaseAddress = address })
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
            body = await client.GetByteArrayAsync("/auth/credits");
        }

        var (ours, open) = (new List<double>(), new List<double>());
        var (credits, anonymous) = (Request("/auth/credits", token), Request("/open", token: null));
        for (var round = 0; round <= Rounds; round++)
        {
            var rate = await RawClients.GetRateAsync(address, Connections, RoundLength, () => credits);
            var peer = await RawClients.GetRateAsync(address, Connections, RoundLength, () => anonymous);
            if (round > 0)
            {
                ours.Add(rate);
                open.Add(peer);
            }
        }

        var ratio = Median(ours) / Median(open);
        return
        [
            new("GET /auth/credits, hot, ES256 token", Row.Text($"{Median(ours):0}/s"),
                Row.Text($"same host's anonymous endpoint, body of {body.Length} B: {Median(open):0}/s"), Row.Text($"{ratio:0.00}"),
                "≥ 0.90", ratio >= 0.9),
        ];
    }

    private static WebApplication Build(ECDsa key)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSupabaseAuthentication(options => options.Url = Project);
        builder.Services.AddHttpClient("SessionRecovery.Supabase.SigningKeys").ConfigurePrimaryHttpMessageHandler(() => new KeySet(key));
        builder.Services.AddSingleton(new CountingStore(TimeSpan.Zero, TimeProvider.System));
        builder.Services.AddSingleton<ICreditReader>(services => services.GetRequiredService<CountingStore>());
        builder.Services.AddSessionRecovery().UseCreditReader<Reader>();
        builder.Services.Configure<CreditOptions>(options => options.CacheDuration = TimeSpan.FromHours(1));
        return builder.Build();
    }

    private static byte[] Request(string path, string? token) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{(token is null ? string.Empty : $"Authorization: Bearer {token}\r\n")}\r\n");

    private static string Token(ECDsa key)
    {
        var now = TimeProvider.System.GetUtcNow();
        var content = Part($$"""{"alg":"ES256","typ":"JWT","kid":"{{KeyId}}"}""") + "." + Part(
            $$$"""{"sub":"11111111-1111-4111-8111-111111111111","aud":"authenticated","iss":"{{{Project}}}/auth/v1","""
                + $$$""" "iat":{{{now.ToUnixTimeSeconds()}}},"exp":{{{now.AddHours(1).ToUnixTimeSeconds()}}},"email":"ada@example.com","""
                + """ "phone":"","app_metadata":{"provider":"email","providers":["email"]},"""
                + """ "user_metadata":{"email":"ada@example.com","email_verified":true},"role":"authenticated","aal":"aal1","""
                + """ "amr":[{"method":"password","timestamp":1772366400}],"""
                + """ "session_id":"22222222-2222-4222-8222-222222222222","is_anonymous":false}""");
        return content + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256));
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private sealed class Reader(CountingStore store) : ICreditReader
    {
        public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken) =>
            store.ReadAsync(session, cancellationToken);
    }

    private sealed class KeySet(ECDsa key) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            var json =
                $$"""
                {"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"{{KeyId}}",
                 "x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}
                """;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(json) });
        }
    }
}
