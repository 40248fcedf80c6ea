using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>Sends recorded requests to the test double of Supabase and collects the differences between the responses.</summary>
internal abstract class Replayer : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly string _prefix;
    private readonly Comparison _comparison;

    protected Replayer(StandIn standIn, string prefix, IReadOnlyList<string> headers, bool exactValues)
    {
        StandIn = standIn;
        _prefix = prefix;
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1 }) { Timeout = TimeSpan.FromSeconds(30) };
        _comparison = new Comparison(Names, headers, exactValues);
        Names.Set("host", new Uri(standIn.Url).Authority);
    }

    public StandIn StandIn { get; }

    protected Placeholders Names { get; } = new();

    /// <summary>Replays one recorded request. Returns the difference between the responses, or null if the responses are equal.</summary>
    public async Task<string?> ReplayAsync(Exchange exchange)
    {
        try
        {
            await PrepareAsync(exchange);
            if (!exchange.IsRequest)
            {
                return await CountAsync(exchange);
            }

            if (exchange.Status is null)
            {
                return await ExpectNoResponseAsync(exchange);
            }

            using var response = await SendInStateAsync(exchange, () => SendAsync(exchange));
            var text = await response.Content.ReadAsStringAsync();
            string? Header(string name) =>
                response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values)
                    ? string.Join(", ", values)
                    : null;
            return _comparison.Compare(exchange, (int)response.StatusCode, Header, text);
        }
        catch (Exception exception) when (exception is HttpRequestException
            or OperationCanceledException or InvalidOperationException or TimeoutException or Npgsql.NpgsqlException)
        {
            return $"no response: {exception.Message}";
        }
    }

    /// <summary>Expects that no response arrives, because the server closed the connection or the client timed out.</summary>
    private async Task<string?> ExpectNoResponseAsync(Exchange exchange)
    {
        try
        {
            using var response = await SendInStateAsync(exchange, () => SendAsync(exchange));
            return $"status {(int)response.StatusCode} instead of no response";
        }
        catch (Exception exception) when (exception is HttpRequestException
            or OperationCanceledException { InnerException: not TimeoutException })
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await StandIn.DisposeAsync();
    }

    /// <summary>Creates the state in which the request was recorded.</summary>
    protected virtual Task PrepareAsync(Exchange exchange) => Task.CompletedTask;

    /// <summary>Sends the recorded request. Derived classes create the recorded database state or concurrent events.</summary>
    protected virtual Task<HttpResponseMessage> SendInStateAsync(Exchange exchange, Func<Task<HttpResponseMessage>> send) => send();

    /// <summary>Replays an experiment that consists of several requests, and compares the result with the recorded summary.</summary>
    protected virtual Task<string?> CountAsync(Exchange exchange) =>
        Task.FromResult<string?>("The exchange is not a single request and has no replay: add a reason to the list of omitted exchanges.");

    /// <summary>Returns the value of a placeholder for which no earlier response contained a value.</summary>
    protected abstract Task<string?> FindAsync(string name);

    protected Task<HttpResponseMessage> SendAsync(
        string method, string path, string? token, JsonNode? body, CancellationToken cancellationToken = default) =>
        SendAsync(method, path, token, body, [], cancellationToken);

    protected async Task<HttpResponseMessage> SendAsync(
        string method, string path, string? token, JsonNode? body, (string Name, string Value)[] headers,
            CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), StandIn.Url + _prefix + path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return await _client.SendAsync(request, cancellationToken);
    }

    /// <summary>Creates a request body that the recording only describes.</summary>
    protected virtual byte[]? Describe(Exchange exchange, string text) => null;

    /// <summary>Expands a shortened path or header.</summary>
    protected virtual string Restore(Exchange exchange, string text) => Shortened.IsShortened(text) ? Shortened.Restore(text) : text;

    /// <summary>Creates the content of the request.</summary>
    protected virtual HttpContent Content(Exchange exchange, byte[] bytes) => new ByteArrayContent(bytes);

    /// <summary>Encodes a body that is not JSON. In the recording, each character of such a body represents one byte.</summary>
    private static byte[] Bytes(string text) => text.All(letter => letter < 256)
        ? Encoding.Latin1.GetBytes(text)
        : Encoding.UTF8.GetBytes(text);

    private async Task<HttpResponseMessage> SendAsync(Exchange exchange)
    {
        var path = await Names.FillAsync(Restore(exchange, exchange.Path), FindAsync);
        var address = new Uri(StandIn.Url + _prefix + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(exchange.Method), address);
        if (exchange.Body is { } body)
        {
            var content = body is JsonValue value && value.TryGetValue(out string? plain)
                ? Describe(exchange, plain) ?? Bytes(await Names.FillAsync(plain, FindAsync))
                : Encoding.UTF8.GetBytes(await Names.FillAsync(body.ToJsonString(SupabaseStandIn.Gateway.JsonResponses.Json), FindAsync));
            request.Content = Content(exchange, content);
            request.Headers.TransferEncodingChunked = exchange.RequestHeaders.ContainsKey("Transfer-Encoding");
        }
        else if (exchange.Method is "POST" or "PUT" or "PATCH")
        {
            request.Content = new ByteArrayContent([]);
        }

        foreach (var (name, value) in exchange.RequestHeaders)
        {
            if (name is "Content-Length" or "Transfer-Encoding" or "Host" or "Expect")
            {
                continue;
            }

            var filled = await Names.FillAsync(Restore(exchange, value), FindAsync);
            if (!request.Headers.TryAddWithoutValidation(name, filled))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, filled);
            }
        }

        return await _client.SendAsync(request);
    }
}
