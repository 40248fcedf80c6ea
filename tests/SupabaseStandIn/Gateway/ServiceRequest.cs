using Microsoft.AspNetCore.Http.Features;

namespace SupabaseStandIn.Gateway;

/// <summary>
/// Represents a request as the service behind the gateway receives it. The path prefix is removed, and the path and the query keep their
/// original encoding.
/// </summary>
internal sealed class ServiceRequest(HttpContext context, string path, string query, string? authorization)
{
    public HttpContext Context { get; } = context;

    public HttpResponse Response => Context.Response;

    public string Method => Context.Request.Method;

    /// <summary>Gets the encoded path with its leading slash.</summary>
    public string Path { get; } = path;

    /// <summary>Gets the encoded query without the question mark.</summary>
    public string Query { get; } = query;

    /// <summary>Gets the Authorization header after the gateway has replaced the API key.</summary>
    public string? Authorization { get; } = authorization;

    /// <summary>Gets the total length of the request target and the headers, which every web server limits.</summary>
    public int HeadLength => Path.Length
        + Query.Length + Context.Request.Headers.Sum(static header => header.Key.Length + header.Value.Sum(static value => value!.Length));

    public CancellationToken Aborted => Context.RequestAborted;

    public string? Header(string name) => Context.Request.Headers.TryGetValue(name, out var values) && values.Count > 0 ? values[0] : null;

    public IEnumerable<KeyValuePair<string, string>> Parameters() => ReadParameters(Query);

    public string? Parameter(string name) =>
        Parameters().Where(parameter => parameter.Key == name).Select(parameter => parameter.Value).FirstOrDefault();

    public Task<byte[]> ReadBodyAsync() => ReadBodyAsync(Aborted);

    public async Task<byte[]> ReadBodyAsync(CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await Context.Request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }

    /// <summary>Returns the path and the query of the request target without decoding them.</summary>
    public static (string Path, string Query) Split(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? (target, string.Empty) : (target[..mark], target[(mark + 1)..]);
    }

    public static IEnumerable<KeyValuePair<string, string>> ReadParameters(string query) =>
        query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part =>
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            return equals < 0
                ? KeyValuePair.Create(Decode(part), string.Empty)
                : KeyValuePair.Create(Decode(part[..equals]), Decode(part[(equals + 1)..]));
        });

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
