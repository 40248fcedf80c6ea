using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SessionRecovery.BrowserTests.Outages;

/// <summary>
/// A reverse proxy that can simulate an unreachable application. The proxy then responds with its own status, or does not respond to any
/// request. If the application refuses a connection, the proxy responds 502.
/// </summary>
internal sealed class BrokenProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private volatile Uri _target;
    private volatile int _status;
    private volatile bool _drops;
    private volatile TaskCompletionSource? _held;

    private BrokenProxy(WebApplication app, Uri target)
    {
        _app = app;
        _target = target;
    }

    public string Address => _app.Urls.Single();

    public static async Task<BrokenProxy> StartAsync(Uri target)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var proxy = new BrokenProxy(app, target);
        app.Run(proxy.HandleAsync);
        await app.StartAsync();
        return proxy;
    }

    /// <summary>Makes the proxy forward later requests to another application.</summary>
    public void ForwardTo(Uri target) => _target = target;

    /// <summary>Makes the proxy respond to every request with the given status.</summary>
    public void RespondWith(int status) => _status = status;

    /// <summary>Makes the proxy close the connection of every request without a response.</summary>
    public void Drop() => _drops = true;

    /// <summary>Makes the proxy hold every request without a response.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes the proxy forward every request again, including the requests that it holds.</summary>
    public void Mend()
    {
        _status = 0;
        _drops = false;
        Interlocked.Exchange(ref _held, null)?.SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        Mend();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (_held is { } held)
        {
            await held.Task.WaitAsync(context.RequestAborted);
        }

        if (_drops)
        {
            context.Abort();
            return;
        }

        if (_status is not 0 and var status)
        {
            await RejectAsync(context, status);
            return;
        }

        try
        {
            await ForwardAsync(context);
        }
        catch (HttpRequestException) when (!context.Response.HasStarted)
        {
            await RejectAsync(context, StatusCodes.Status502BadGateway);
        }
    }

    private static Task RejectAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html";
        return context.Response.WriteAsync("<html>The application cannot be reached.</html>", context.RequestAborted);
    }

    private async Task ForwardAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(context.Request.Method), new Uri(_target, context.Request.Path + context.Request.QueryString));
        if (context.Request.ContentLength is > 0)
        {
            request.Content = new StreamContent(context.Request.Body);
        }

        foreach (var (name, values) in context.Request.Headers.Where(static header => header.Key is not ("Host" or "Connection")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers)
            .Where(static header => header.Key != "Transfer-Encoding"))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
