using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace SessionRecovery.FieldTests.Hosting;

/// <summary>
/// A reverse proxy (YARP) on a free loopback port, in front of a host that a test may stop and start again. The proxy reports the address
/// <c>https://studio.example</c> as its own address to the host.
/// </summary>
internal sealed class FieldProxy : IAsyncDisposable
{
    public const string PublicHost = "studio.example";

    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _upstream = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
    });

    private FieldProxy(WebApplication app) => _app = app;

    /// <summary>Gets or sets the address of the host.</summary>
    public Uri? Destination { get; set; }

    /// <summary>
    /// Gets or sets a callback that may write a response of the proxy itself. The callback returns whether it has written a response.
    /// </summary>
    public Func<HttpContext, Task<bool>> Intercept { get; set; } = static _ => Task.FromResult(false);

    public Uri Address => new(_app.Urls.Single());

    public static async Task<FieldProxy> StartAsync(Uri? destination = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Services.AddHttpForwarder();
        var proxy = new FieldProxy(builder.Build()) { Destination = destination };
        proxy._app.Run(proxy.ForwardAsync);
        await proxy._app.StartAsync();
        return proxy;
    }

    /// <summary>Creates a client of the proxy that follows no redirect and stores no cookie.</summary>
    public HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
    {
        BaseAddress = Address,
    };

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _upstream.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        if (await Intercept(context))
        {
            return;
        }

        var transformer = _app.Services.GetRequiredService<ITransformBuilder>().Create(static transforms =>
        {
            transforms.UseDefaultForwarders = false;
            transforms.AddRequestTransform(static request =>
            {
                request.ProxyRequest.Headers.Host = PublicHost;
                request.ProxyRequest.Headers.Add("X-Forwarded-Proto", "https");
                request.ProxyRequest.Headers.Add("X-Forwarded-For", "203.0.113.7");
                return ValueTask.CompletedTask;
            });
        });
        var error = await _app.Services.GetRequiredService<IHttpForwarder>().SendAsync(
            context, Destination!.ToString(), _upstream, ForwarderRequestConfig.Empty, transformer);
        if (error is not ForwarderError.None && !context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            await context.Response.WriteAsync("<html><body>502 Bad Gateway</body></html>");
        }
    }
}
