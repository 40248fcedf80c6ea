using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Auth;

/// <summary>Represents a copy of a request with a buffered response, for work that may continue after the request has ended.</summary>
internal sealed class DetachedRequest
{
    private readonly DefaultHttpContext _context = new();
    private readonly MemoryStream _responseBody = new();

    private DetachedRequest(ServiceRequest original, byte[] body, CancellationToken cancelled)
    {
        var from = original.Context.Request;
        var to = _context.Request;
        (to.Method, to.Scheme, to.Host, to.Body) = (from.Method, from.Scheme, from.Host, new MemoryStream(body));
        foreach (var (name, values) in from.Headers)
        {
            to.Headers[name] = values;
        }

        _context.Connection.RemoteIpAddress = original.Context.Connection.RemoteIpAddress;
        _context.RequestAborted = cancelled;
        _context.Response.Body = _responseBody;
        Request = new ServiceRequest(_context, original.Path, original.Query, original.Authorization);
    }

    public ServiceRequest Request { get; }

    /// <param name="reading">Cancels reading the request body.</param>
    /// <param name="working">The token for <see cref="HttpContext.RequestAborted"/> of the copy.</param>
    public static async Task<DetachedRequest> CreateAsync(ServiceRequest original, CancellationToken reading, CancellationToken working) =>
        new(original, await original.ReadBodyAsync(reading), working);

    public async Task CopyResponseAsync(HttpResponse response)
    {
        response.StatusCode = _context.Response.StatusCode;
        foreach (var (name, values) in _context.Response.Headers)
        {
            response.Headers[name] = values;
        }

        if (_responseBody.Length > 0)
        {
            await response.Body.WriteAsync(_responseBody.ToArray(), response.HttpContext.RequestAborted);
        }
    }
}
