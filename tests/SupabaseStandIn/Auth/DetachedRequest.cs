using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Auth;

/// <summary>A request's copy, and an answer in the making, for work that may outlive the request.</summary>
internal sealed class DetachedRequest
{
    private readonly DefaultHttpContext _context = new();
    private readonly MemoryStream _answer = new();

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
        _context.Response.Body = _answer;
        Request = new ServiceRequest(_context, original.Path, original.Query, original.Authorization);
    }

    public ServiceRequest Request { get; }

    /// <param name="reading">For as long as the body is read.</param>
    /// <param name="working">What the work sees as the end of its request.</param>
    public static async Task<DetachedRequest> CreateAsync(ServiceRequest original, CancellationToken reading, CancellationToken working) =>
        new(original, await original.ReadBodyAsync(reading), working);

    public async Task CopyAnswerAsync(HttpResponse response)
    {
        response.StatusCode = _context.Response.StatusCode;
        foreach (var (name, values) in _context.Response.Headers)
        {
            response.Headers[name] = values;
        }

        if (_answer.Length > 0)
        {
            await response.Body.WriteAsync(_answer.ToArray(), response.HttpContext.RequestAborted);
        }
    }
}
