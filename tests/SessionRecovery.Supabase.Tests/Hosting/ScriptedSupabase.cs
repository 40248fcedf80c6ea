using System.Net;
using System.Text;

namespace SessionRecovery.Supabase.Tests.Hosting;

/// <summary>
/// An HTTP handler that returns scripted responses and records the requests. Tests use it for responses that a real server does not return
/// on demand.
/// </summary>
internal sealed class ScriptedSupabase : HttpMessageHandler
{
    private readonly List<SentRequest> _requests = [];

    /// <summary>
    /// Gets or sets the function that creates the responses. By default every request gets the response for an unknown route.
    /// </summary>
    public Func<SentRequest, HttpResponseMessage> Script { get; set; } = _ =>
        Json(404, """{"code":"PGRST205","details":null,"hint":null,"message":"no script"}""");

    /// <summary>Gets or sets a value that indicates whether requests never receive a response.</summary>
    public bool Hang { get; set; }

    public IReadOnlyList<SentRequest> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static HttpResponseMessage Json(int status, string body, params (string Name, string Value)[] headers) =>
        Answer(status, "application/json", body, headers);

    public static HttpResponseMessage Html(int status) =>
        Answer(status, "text/html", "<html><head><title>Bad gateway</title></head></html>");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? string.Empty : await request.Content.ReadAsStringAsync(cancellationToken);
        var sent = new SentRequest(
            request.Method.Method,
            request.RequestUri!.PathAndQuery,
            request.Headers.TryGetValues("apikey", out var keys) ? keys.Single() : null,
            request.Headers.Authorization?.ToString(),
            body,
            request.Headers.Range?.ToString());
        lock (_requests)
        {
            _requests.Add(sent);
        }

        if (Hang)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        return Script(sent);
    }

    private static HttpResponseMessage Answer(int status, string type, string body, params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, type) };
        foreach (var (name, value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }
}
