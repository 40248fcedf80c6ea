using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SessionRecovery.BrowserTests.BrowserModule;

/// <summary>An application below a path base. The page of the application imports only the entry file of the browser module.</summary>
internal sealed class ModuleHost : IAsyncDisposable
{
    private const string Page = """
        <!doctype html>
        <html lang="en">
        <title>Module</title>
        <p>Credits: <credit-balance></credit-balance></p>
        <script type="module">
          import * as module from './session/session-recovery.js';
          globalThis.names = Object.keys(module).sort().join();
          globalThis.session = module.createSession();
        </script>
        </html>
        """;

    private readonly WebApplication _app;

    private ModuleHost(WebApplication app) => _app = app;

    public string Address => $"{_app.Urls.Single()}/studio/";

    public static async Task<ModuleHost> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
        builder.Services.AddAuthorization();
        builder.Services.AddSessionRecovery();
        var app = builder.Build();
        app.UsePathBase("/studio");
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapSessionRecovery();
        app.MapGet("/", () => TypedResults.Text(Page, "text/html; charset=utf-8"));
        await app.StartAsync();
        return new ModuleHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
