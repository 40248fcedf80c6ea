using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using RestartDrill.Points.Server;
using RestartDrill.Running;

namespace RestartDrill.Clients;

/// <summary>Sends requests to AudioStudio and returns the complete responses, or <see langword="null"/> when no response arrived.</summary>
internal sealed class StudioClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly InFlight _inFlight;

    public StudioClient(Uri address, InFlight inFlight, TimeSpan? timeout = null)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) })
        {
            BaseAddress = address,
            Timeout = timeout ?? TimeSpan.FromSeconds(10),
        };
        _inFlight = inFlight;
    }

    public Task<StudioResponse?> RegisterAsync(string email, string password, CancellationToken stop) =>
        SendAsync(Json("/register", new { email, password }), isPaid: false, stop);

    public Task<StudioResponse?> SignInAsync(string email, string password, CancellationToken stop) =>
        SendAsync(Json("/login", new { email, password }), isPaid: false, stop);

    public async Task<StudioResponse?> UploadAsync(string token, SoundFile sound, CancellationToken stop)
    {
        using var file = new ByteArrayContent(sound.Bytes);
        file.Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
        using var form = new MultipartFormDataContent { { file, "file", "drill.wav" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/uploads") { Content = form };
        return await SendAsync(request.Signed(token), isPaid: false, stop);
    }

    public Task<StudioResponse?> ReadCreditsAsync(string token, string? versionToken, CancellationToken stop) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, "/auth/credits").Signed(token)
            .With("Credits-Version", versionToken), isPaid: false, stop);

    public Task<StudioResponse?> PayAsync(string token, string key, string file, CancellationToken stop) =>
        SendAsync(Json("/api/waveforms", new { name = file }).Signed(token).With("Idempotency-Key", key), isPaid: true, stop);

    public Task<StudioResponse?> DownloadAsync(string token, string file, RangeHeaderValue? range, CancellationToken stop)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/uploads/{Uri.EscapeDataString(file)}").Signed(token);
        request.Headers.Range = range;
        return SendAsync(request, isPaid: false, stop);
    }

    /// <summary>Sends a request to the server of a drill with named points.</summary>
    /// <param name="token">The access token.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="path">The path of the job.</param>
    /// <param name="point">The name of the point at which the request stops, or null for a request that does not stop.</param>
    /// <param name="stop">Cancels the request.</param>
    public Task<StudioResponse?> RunJobAsync(string token, string key, string path, string? point, CancellationToken stop) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path).Signed(token).With("Idempotency-Key", key).With(KillPoints.Header, point),
            isPaid: true, stop);

    /// <summary>Returns the points at which requests have stopped.</summary>
    public async Task<IReadOnlyList<KillPoint>> ReadReachedAsync(CancellationToken stop)
    {
        var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, PointsServer.Reached), isPaid: false, stop);
        return response is null ? [] : [.. JsonSerializer.Deserialize<string[]>(response.Body)!.Select(Enum.Parse<KillPoint>)];
    }

    /// <summary>Lets the stopped requests continue.</summary>
    public Task ContinueAsync(CancellationToken stop) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, PointsServer.Continue), isPaid: false, stop);

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Json(string path, object body) =>
        new(HttpMethod.Post, path) { Content = JsonContent.Create(body) };

    private async Task<StudioResponse?> SendAsync(HttpRequestMessage request, bool isPaid, CancellationToken stop)
    {
        using var sent = request;
        using var flight = _inFlight.Begin(isPaid);
        try
        {
            using var response = await _http.SendAsync(request, stop);
            var headers = response.Headers.Concat(response.Content.Headers)
                .ToDictionary(static header => header.Key, static header => string.Join(", ", header.Value),
                    StringComparer.OrdinalIgnoreCase);
            return new StudioResponse(response.StatusCode, await response.Content.ReadAsByteArrayAsync(stop), headers);
        }
        catch (Exception exception) when (!stop.IsCancellationRequested
            && exception is HttpRequestException or IOException or TaskCanceledException)
        {
            return null;
        }
    }
}
