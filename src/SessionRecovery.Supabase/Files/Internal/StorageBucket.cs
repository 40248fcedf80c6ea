using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>The requests to Storage, in the caller's name. What it refuses is a <see cref="SupabaseException"/>.</summary>
internal sealed class StorageBucket(SupabaseConnection connection, SupabaseRetry retry, IOptions<SupabaseOptions> options)
{
    // Storage gives at most this many rows of a listing at once.
    private const int PageSize = 1000;

    private const string Root = "/storage/v1/object";

    private readonly string _bucket = options.Value.Bucket;

    /// <summary>Lists objects of a folder, the latest first, at most <paramref name="limit"/>.</summary>
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
    /// Creates an object. That it is there already, under a name that nobody else could have chosen, is an earlier try whose answer was
    /// lost.
    /// </summary>
    public async Task CreateAsync(
        string path, string contentType, Stream content, SupabaseCredential credential, CancellationToken cancellationToken)
    {
        var body = new StreamContent(content);

        // Storage compares the type as text: a parameter more, and it refuses.
        body.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, connection.Address($"{Root}/{_bucket}/{path}")) { Content = body };
        request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        request.Headers.Add("x-upsert", "false");
        var answer = await connection.UploadAsync(request, content.Length, credential, cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded && SupabaseErrorClassifier.ClassifyStorage(answer) is { Fault: not SupabaseFault.Exists } failure)
        {
            throw SupabaseException.Create(failure);
        }
    }

    /// <summary>Opens an object from a position to its end; the caller disposes the answer.</summary>
    /// <exception cref="SupabaseException">It is not there, or not to be had now.</exception>
    public ValueTask<HttpResponseMessage> OpenAsync(
        string path, long position, SupabaseCredential credential, CancellationToken cancellationToken) =>
        retry.SendAsync(token => TryOpenAsync(path, position, credential, token), cancellationToken);

    /// <summary>Reads the next bytes of an opened object.</summary>
    /// <exception cref="SupabaseException">None came in time, or the connection broke.</exception>
    public Task<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellationToken) =>
        connection.ReadAsync(body, buffer, cancellationToken);

    /// <summary>Deletes an object.</summary>
    /// <returns>Whether it was there and this caller's.</returns>
    public async Task<bool> DeleteAsync(string path, SupabaseCredential credential, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, connection.Address($"{Root}/{_bucket}/{path}"));
        var answer = await connection.SendAsync(request, credential, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            return true;
        }

        var failure = SupabaseErrorClassifier.ClassifyStorage(answer);
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

    private static List<ObjectRow> Read(SupabaseResponse answer)
    {
        if (!answer.Succeeded)
        {
            throw SupabaseException.Create(SupabaseErrorClassifier.ClassifyStorage(answer));
        }

        try
        {
            return JsonSerializer.Deserialize(answer.Body.Span, StorageJson.Default.ListObjectRow) ?? throw SupabaseException.Unreadable();
        }
        catch (JsonException exception)
        {
            throw SupabaseException.Unreadable(exception);
        }
    }
}
