using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>
/// Sends requests to Supabase Storage with the caller's credential. The methods of this class throw <see cref="SupabaseException"/> if
/// Storage rejects a request.
/// </summary>
internal sealed class StorageBucket(SupabaseConnection connection, SupabaseRetry retry, IOptions<SupabaseOptions> options)
{
    // The maximum number of rows that Supabase Storage returns per request.
    private const int PageSize = 1000;

    private const string Root = "/storage/v1/object";

    private readonly string _bucket = options.Value.Bucket;

    /// <summary>Lists the objects of a folder, the most recent first. The list has at most <paramref name="limit"/> objects.</summary>
    public async Task<List<ObjectRow>> ListAsync(
        string folder, string search, int limit, SupabaseCredential credential, CancellationToken cancellationToken)
    {
        var rows = new List<ObjectRow>();
        while (rows.Count < limit)
        {
            var page = new ListRequest(
                folder, search, Math.Min(PageSize, limit - rows.Count), rows.Count, new ListOrder("created_at", "desc"));
            var found = await retry.SendAsync(token => ListAsync(page, credential, token), cancellationToken).ConfigureAwait(false);
            rows.AddRange(found);
            if (found.Count < page.Limit)
            {
                break;
            }
        }

        return rows;
    }

    /// <summary>
    /// Creates an object with a unique name. If the object already exists, an earlier attempt created it and its response was lost.
    /// </summary>
    public async Task CreateAsync(
        string path, string contentType, Stream content, SupabaseCredential credential, CancellationToken cancellationToken)
    {
        var body = new StreamContent(content);

        // Supabase Storage compares the content type as text, so the value must have no parameters.
        body.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, connection.Address($"{Root}/{_bucket}/{path}")) { Content = body };
        request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        request.Headers.Add("x-upsert", "false");
        var response = await connection.UploadAsync(request, content.Length, credential, cancellationToken).ConfigureAwait(false);
        if (!response.Succeeded && SupabaseErrorClassifier.ClassifyStorage(response) is { Fault: not SupabaseFault.Exists } failure)
        {
            throw SupabaseException.Create(failure);
        }
    }

    /// <summary>Opens an object for reading from the given position to its end. The caller must dispose the response.</summary>
    /// <exception cref="SupabaseException">The object does not exist, or Storage could not return it.</exception>
    public ValueTask<HttpResponseMessage> OpenAsync(
        string path, long position, SupabaseCredential credential, CancellationToken cancellationToken) =>
        retry.SendAsync(token => TryOpenAsync(path, position, credential, token), cancellationToken);

    /// <summary>Reads the next bytes of an open object.</summary>
    /// <exception cref="SupabaseException">The read timed out, or the connection broke.</exception>
    public Task<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellationToken) =>
        connection.ReadAsync(body, buffer, cancellationToken);

    /// <summary>
    /// Returns whether the database of Storage contains the object's row. The result can be <see langword="true"/> although the bytes of
    /// the object are missing.
    /// </summary>
    /// <exception cref="SupabaseException">Storage could not be reached.</exception>
    public async Task<bool> HasRowAsync(string path, SupabaseCredential credential, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, connection.Address($"{Root}/authenticated/{_bucket}/{path}"));
        var response = await connection.SendAsync(request, credential, cancellationToken).ConfigureAwait(false);
        return response.Succeeded;
    }

    /// <summary>Deletes an object.</summary>
    /// <returns><see langword="true"/> if the object existed and belonged to the caller.</returns>
    public async Task<bool> DeleteAsync(string path, SupabaseCredential credential, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, connection.Address($"{Root}/{_bucket}/{path}"));
        var response = await connection.SendAsync(request, credential, cancellationToken).ConfigureAwait(false);
        if (response.Succeeded)
        {
            return true;
        }

        var failure = SupabaseErrorClassifier.ClassifyStorage(response);
        return failure.Fault == SupabaseFault.Missing ? false : throw SupabaseException.Create(failure);
    }

    private async Task<HttpResponseMessage> TryOpenAsync(
        string path, long position, SupabaseCredential credential, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, connection.Address($"{Root}/authenticated/{_bucket}/{path}"));
        if (position > 0)
        {
            request.Headers.Range = new RangeHeaderValue(position, null);
        }

        var response = await connection.OpenAsync(request, credential, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == (position > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK))
        {
            return response;
        }

        using (response)
        {
            throw SupabaseException.Create(response.IsSuccessStatusCode
                ? new SupabaseFailure(SupabaseFault.Outage, "no_range")
                : SupabaseErrorClassifier.ClassifyStorage(await connection.ReadAsync(response, cancellationToken).ConfigureAwait(false)));
        }
    }

    private async Task<List<ObjectRow>> ListAsync(ListRequest page, SupabaseCredential credential, CancellationToken cancellationToken) =>
        Read(await connection.PostAsync(
            $"{Root}/list/{_bucket}", page, StorageJson.Default.ListRequest, credential, cancellationToken).ConfigureAwait(false));

    private static List<ObjectRow> Read(SupabaseResponse response)
    {
        if (!response.Succeeded)
        {
            throw SupabaseException.Create(SupabaseErrorClassifier.ClassifyStorage(response));
        }

        try
        {
            return JsonSerializer.Deserialize(response.Body.Span, StorageJson.Default.ListObjectRow)
                ?? throw SupabaseException.Unreadable();
        }
        catch (JsonException exception)
        {
            throw SupabaseException.Unreadable(exception);
        }
    }
}
