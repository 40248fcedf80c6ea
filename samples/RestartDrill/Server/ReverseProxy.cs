using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace RestartDrill.Server;

/// <summary>
/// Represents the reverse proxy (YARP) in front of AudioStudio. The proxy has one destination, which a deployment changes. While the
/// destination cannot be reached, the proxy responds with the status 502 and measures the duration of the outage.
/// </summary>
internal sealed class ReverseProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(2),
    });

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private long? _firstFailure;
    private TimeSpan _withoutService;

    private ReverseProxy(WebApplication app, Uri address, TimeProvider time)
    {
        _app = app;
        _time = time;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>Gets or sets the address of the AudioStudio version that receives the requests.</summary>
    public Uri Destination { get; set; } = new("http://127.0.0.1:1");

    public static async Task<ReverseProxy> StartAsync(int port, TimeProvider time, CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddHttpForwarder();
        var app = builder.Build();
        var proxy = new ReverseProxy(app, new Uri($"http://127.0.0.1:{port}"), time);
        var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
        app.Run(context => proxy.ForwardAsync(context, forwarder));
        await app.StartAsync(stop);
        return proxy;
    }

    /// <summary>Returns the total time of outage since the last call, and resets it.</summary>
    public TimeSpan TakeTimeWithoutService()
    {
        lock (_gate)
        {
            var time = _withoutService;
            _withoutService = TimeSpan.Zero;
            return time;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task ForwardAsync(HttpContext context, IHttpForwarder forwarder)
    {
        var error = await forwarder.SendAsync(context, Destination.ToString(), _http);
        lock (_gate)
        {
            if (error is ForwarderError.Request)
            {
                _firstFailure ??= _time.GetTimestamp();
            }
            else if (error is ForwarderError.None && _firstFailure is { } failure)
            {
                _withoutService += _time.GetElapsedTime(failure);
                _firstFailure = null;
            }
        }
    }
}
