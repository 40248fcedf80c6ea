using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SessionRecovery.BrowserTests.CrossOrigin;

/// <summary>
/// Serves one page on its own origin. The page loads the module from an API of another origin and sends all requests to that API.
/// </summary>
internal sealed class PageHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PageHost(WebApplication app) => _app = app;

    public string Origin => _app.Urls.Single();

    public static async Task<PageHost> StartAsync(string api)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/", () => TypedResults.Text(Page(api), "text/html; charset=utf-8"));
        await app.StartAsync();
        return new PageHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static string Page(string api) =>
        $$"""
        <!doctype html>
        <html lang="en">
        <title>Another origin</title>
        <p>State: <span id="state"></span>, credits: <credit-balance></credit-balance>, work: <span id="work"></span>, sign-in: <span
            id="sign-in"></span></p>
        <button id="enter">Sign in</button> <button id="pay">Work for 5 credits</button>
        <script type="module">
          import { bearerAdapter, createSession } from '{{api}}/session/session-recovery.js';

          const byId = (id) => document.getElementById(id);
          const adapter = bearerAdapter();
          const session = createSession({ adapter });
          const show = () => { byId('state').textContent = session.state; };
          session.subscribe(show);
          show();
          byId('enter').addEventListener('click', async () => {
            const { ok, problem } = await adapter.signIn('ann@example.com', 'any');
            byId('sign-in').textContent = ok ? 'done' : problem.code;
          });
          byId('pay').addEventListener('click', async () => {
            byId('work').textContent = 'asked';
            const answer = await session.fetch('{{api}}/api/work', { method: 'POST', headers: { 'Idempotency-Key': crypto.randomUUID() } });
            byId('work').textContent = await answer.text();
          });
        </script>
        </html>
        """;
}
