using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SessionRecovery.BrowserTests.Outages;

/// <summary>An application with one page and one paid endpoint that runs behind a <see cref="BrokenProxy"/>.</summary>
internal sealed class OutageHost : IAsyncDisposable
{
    /// <summary>
    /// A page that records, once per second, which state it shows. The page also records when the first response of the application arrived
    /// after the beginning of an outage.
    /// </summary>
    private const string Page = """
        <!doctype html>
        <html lang="en">
        <title>Outage</title>
        <p>State: <span id="state"></span>, credits: <credit-balance></credit-balance></p>
        <script type="module">
          import { bearerAdapter, createSession } from './session/session-recovery.js';

          const native = window.fetch;
          const observe = async (input, init) => {
            const response = await native(input, init);
            if (response.headers.has('Session-Epoch')) {
              globalThis.goodAt ??= performance.now();
            }

            return response;
          };
          const adapter = bearerAdapter();
          const session = createSession({ adapter, environment: { fetch: observe } });
          const show = () => { document.getElementById('state').textContent = session.state; };
          session.subscribe(show);
          session.addEventListener('state-changed', ({ detail }) => {
            if (detail.state === 'ready') {
              globalThis.readyAt = performance.now();
            }
          });
          show();
          globalThis.signIn = () => adapter.signIn('ann@example.com', 'any');
          globalThis.startOutage = () => {
            globalThis.goodAt = null;
            globalThis.readyAt = null;
            globalThis.samples = [];
            globalThis.sampling = setInterval(() => samples.push(session.state), 1000);
            globalThis.result = null;
            session.fetch('/api/work', { method: 'POST', headers: { 'Idempotency-Key': crypto.randomUUID() } })
              .then((response) => response.text(), (error) => error.message)
              .then((text) => { globalThis.result = text; });
          };
        </script>
        </html>
        """;

    private readonly WebApplication _app;

    private OutageHost(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public static async Task<OutageHost> StartAsync(string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
        builder.Services.AddAuthorization();
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddSessionRecovery().UseSqlite($"Data Source={Path.Combine(folder, "credits.db")}");
        var app = builder.Build();
        app.MapSessionRecovery();
        app.MapGet("/", static () => TypedResults.Text(Page, "text/html; charset=utf-8"));
        app.MapPost("/login", static () => TypedResults.SignIn(
            new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "ann")], BearerTokenDefaults.AuthenticationScheme)),
            authenticationScheme: BearerTokenDefaults.AuthenticationScheme));
        app.MapPost("/api/work", static () => TypedResults.Text("done")).RequireCredits(5);
        await app.StartAsync();
        return new OutageHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
