using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// Sends one request and reads its answer within the request's time. It repeats nothing: tries belong to the caller, who knows what may be
/// repeated.
/// </summary>
internal sealed class SupabaseConnection(HttpClient http, IOptions<SupabaseOptions> options, TimeProvider time)
{
    /// <summary>The name under which the HTTP client is registered.</summary>
    public const string ClientName = "SessionRecovery.Supabase";

    /// <summary>The largest answer that is read, in bytes: 10,000 active users with their balances fit in.</summary>
    public const int MaxResponseLength = 4 * 1024 * 1024;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly SupabaseOptions _options = options.Value;
    private readonly Uri _address = new(options.Value.Url);

    /// <summary>Sends a question.</summary>
    /// <exception cref="SupabaseException">No answer came, or it came too late.</exception>
    public Task<SupabaseResponse> GetAsync(string path, SupabaseCredential credential, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, Address(path)), credential, cancellationToken);

    /// <summary>Sends a JSON body.</summary>
    /// <exception cref="SupabaseException">No answer came, or it came too late.</exception>
    public Task<SupabaseResponse> PostAsync<T>(
        string path, T body, JsonTypeInfo<T> type, SupabaseCredential credential, CancellationToken cancellationToken) =>
        SendAsync(
            new HttpRequestMessage(HttpMethod.Post, Address(path))
            {
                Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type)) { Headers = { ContentType = Json } },
            },
            credential,
            cancellationToken);

    /// <summary>Sends any request and reads its answer whole.</summary>
    /// <exception cref="SupabaseException">No answer came, or it came too late.</exception>
    public Task<SupabaseResponse> SendAsync(
        HttpRequestMessage request, SupabaseCredential credential, CancellationToken cancellationToken) =>
        WithinAsync(
            _options.RequestTimeout,
            async token =>
            {
                using (request)
                {
                    using var response = await SendAsync(request, credential, HttpCompletionOption.ResponseContentRead, token)
                        .ConfigureAwait(false);
                    return await AnswerAsync(response, token).ConfigureAwait(false);
                }
            },
            cancellationToken);

    /// <summary>Sends a file; each MiB of it has the time of a request.</summary>
    /// <exception cref="SupabaseException">No answer came, or it came too late.</exception>
    public Task<SupabaseResponse> UploadAsync(
        HttpRequestMessage request, long length, SupabaseCredential credential, CancellationToken cancellationToken) =>
        WithinAsync(
            _options.RequestTimeout * (1 + (length >> 20)),
            async token =>
            {
                using var response = await SendAsync(request, credential, HttpCompletionOption.ResponseContentRead, token)
                    .ConfigureAwait(false);
                return await AnswerAsync(response, token).ConfigureAwait(false);
            },
            cancellationToken);

    /// <summary>Sends a request and gives its answer once the headers are there; the caller disposes it.</summary>
    /// <exception cref="SupabaseException">No headers came, or too late.</exception>
    public Task<HttpResponseMessage> OpenAsync(
        HttpRequestMessage request, SupabaseCredential credential, CancellationToken cancellationToken) =>
        WithinAsync(
            _options.RequestTimeout,
            token => SendAsync(request, credential, HttpCompletionOption.ResponseHeadersRead, token),
            cancellationToken);

    /// <summary>Reads what is left of an opened answer.</summary>
    /// <exception cref="SupabaseException">It did not come, or too late.</exception>
    public Task<SupabaseResponse> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        WithinAsync(
            _options.RequestTimeout,
            async token =>
            {
                await response.Content.LoadIntoBufferAsync(MaxResponseLength, token).ConfigureAwait(false);
                return await AnswerAsync(response, token).ConfigureAwait(false);
            },
            cancellationToken);

    /// <summary>
    /// Reads the next bytes of an opened answer that is not at its end: a file may take as long as its bytes keep coming.
    /// </summary>
    /// <exception cref="SupabaseException">None came in time, or the connection broke.</exception>
    public Task<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellationToken) =>
        WithinAsync(
            _options.RequestTimeout,
            async token => await body.ReadAsync(buffer, token).ConfigureAwait(false) is > 0 and var count
                ? count
                : throw new EndOfStreamException("The answer was shorter than promised."),
            cancellationToken);

    public Uri Address(string path) => new(_address, path);

    /// <summary>What <c>Retry-After</c> asks for, in seconds or as a date; zero when it asks for nothing.</summary>
    private TimeSpan GetRetryAfter(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => TimeSpan.Zero,
        };
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private async Task<SupabaseResponse> AnswerAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        new(
            response.StatusCode,
            await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false),
            GetRetryAfter(response));

    private async Task<T> WithinAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await send(both.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsNoAnswer(exception, cancellationToken))
        {
            throw SupabaseException.NoAnswer(exception);
        }
    }

    private Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, SupabaseCredential credential, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        credential.Sign(request, _options);
        return http.SendAsync(request, completion, cancellationToken);
    }

    private static bool IsNoAnswer(Exception exception, CancellationToken callers) =>
        exception is HttpRequestException or IOException || (exception is OperationCanceledException && !callers.IsCancellationRequested);
}
