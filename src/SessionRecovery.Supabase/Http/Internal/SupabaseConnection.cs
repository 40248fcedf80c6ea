using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using SessionRecovery.Shared;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// Sends one request to Supabase and reads its response within the request timeout. The class does not retry, because only the caller can
/// decide whether a request may be repeated.
/// </summary>
internal sealed class SupabaseConnection(HttpClient http, IOptions<SupabaseOptions> options, TimeProvider time)
{
    /// <summary>The name of the HTTP client for Supabase.</summary>
    public const string ClientName = "SessionRecovery.Supabase";

    /// <summary>
    /// The maximum length of a response, in bytes. A list of 10,000 active users with their balances is shorter than this limit.
    /// </summary>
    public const int MaxResponseLength = 4 * 1024 * 1024;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly SupabaseOptions _options = options.Value;

    /// <summary>Sends a GET request.</summary>
    /// <exception cref="SupabaseException">The request failed or timed out.</exception>
    public Task<SupabaseResponse> GetAsync(string path, SupabaseCredential credential, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, Address(path)), credential, cancellationToken);

    /// <summary>Sends a POST request with a JSON body.</summary>
    /// <exception cref="SupabaseException">The request failed or timed out.</exception>
    public Task<SupabaseResponse> PostAsync<T>(
        string path, T body, JsonTypeInfo<T> type, SupabaseCredential credential, CancellationToken cancellationToken) =>
        SendAsync(
            new HttpRequestMessage(HttpMethod.Post, Address(path))
            {
                Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type)) { Headers = { ContentType = Json } },
            },
            credential,
            cancellationToken);

    /// <summary>Sends a request and reads the whole response.</summary>
    /// <exception cref="SupabaseException">The request failed or timed out.</exception>
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
                    return await ReadBodyAsync(response, token).ConfigureAwait(false);
                }
            },
            cancellationToken);

    /// <summary>Sends a file. The timeout is one request timeout for each MiB of the file.</summary>
    /// <exception cref="SupabaseException">The request failed or timed out.</exception>
    public Task<SupabaseResponse> UploadAsync(
        HttpRequestMessage request, long length, SupabaseCredential credential, CancellationToken cancellationToken) =>
        WithinAsync(
            _options.RequestTimeout * (1 + (length >> 20)),
            async token =>
            {
                using var response = await SendAsync(request, credential, HttpCompletionOption.ResponseContentRead, token)
                    .ConfigureAwait(false);
                return await ReadBodyAsync(response, token).ConfigureAwait(false);
            },
            cancellationToken);

    /// <summary>Sends a request and returns the response when its headers have arrived. The caller must dispose the response.</summary>
    /// <exception cref="SupabaseException">The request failed or timed out.</exception>
    public Task<HttpResponseMessage> OpenAsync(
        HttpRequestMessage request, SupabaseCredential credential, CancellationToken cancellationToken) =>
        WithinAsync(
            _options.RequestTimeout,
            token => SendAsync(request, credential, HttpCompletionOption.ResponseHeadersRead, token),
            cancellationToken);

    /// <summary>Reads the remaining bytes of an open response.</summary>
    /// <exception cref="SupabaseException">The read failed or timed out.</exception>
    public Task<SupabaseResponse> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        WithinAsync(
            _options.RequestTimeout,
            async token =>
            {
                await response.Content.LoadIntoBufferAsync(MaxResponseLength, token).ConfigureAwait(false);
                return await ReadBodyAsync(response, token).ConfigureAwait(false);
            },
            cancellationToken);

    /// <summary>
    /// Reads the next bytes of an open response. Each read has its own timeout, so a complete download may take longer than the timeout.
    /// </summary>
    /// <exception cref="SupabaseException">The read timed out, or the connection broke.</exception>
    public Task<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellationToken) =>
        WithinAsync(
            _options.RequestTimeout,
            async token => await body.ReadAsync(buffer, token).ConfigureAwait(false) is > 0 and var count
                ? count
                : throw new EndOfStreamException("The response was shorter than its Content-Length."),
            cancellationToken);

    public Uri Address(string path) => ProjectAddress.Combine(_options.Url, path);

    /// <summary>Returns the delay from the header <c>Retry-After</c> (seconds or a date), or zero if the header is missing.</summary>
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

    private async Task<SupabaseResponse> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
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
        catch (Exception exception) when (IsMissingResponse(exception, cancellationToken))
        {
            throw SupabaseException.NoResponse(exception);
        }
    }

    private Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, SupabaseCredential credential, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        credential.Sign(request, _options);
        return http.SendAsync(request, completion, cancellationToken);
    }

    private static bool IsMissingResponse(Exception exception, CancellationToken callerToken) =>
        exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !callerToken.IsCancellationRequested);
}
