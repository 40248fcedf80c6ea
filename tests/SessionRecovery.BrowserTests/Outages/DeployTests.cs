using System.Text.Json;
using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;

namespace SessionRecovery.BrowserTests.Outages;

/// <summary>
/// Tests that deployments under load do not fail a click. The page uses the browser module behind a reverse proxy, and each deployment ends
/// one process of the sample with SIGTERM while the next process starts on the same data.
/// </summary>
[TestFixture]
[Platform(Exclude = "Win", Reason = "SIGTERM requires Linux or macOS.")]
internal sealed class DeployTests
{
    private const int Deployments = 4;
    private const int Payments = 18;

    /// <summary>Pays, reads the balance and lists the files, one after the other, until all payments are done.</summary>
    private const string Clicks =
        """
        async ([name, payments]) => {
          const { bearerAdapter, createSession } = await import('/session/session-recovery.js');
          const session = createSession({ adapter: bearerAdapter() });
          globalThis.paid = 0;
          globalThis.failures = [];
          globalThis.states = [];
          session.addEventListener('state-changed', ({ detail }) => states.push(detail.state));
          const click = async (what, url, init) => {
            try {
              const response = await session.fetch(url, init);
              if (!response.ok) {
                failures.push(`${what}: ${response.status} ${await response.text()}`);
              }
            } catch (error) {
              failures.push(`${what}: ${error}`);
            }
          };
          globalThis.finished = (async () => {
            for (let index = 0; index < payments; index++) {
              await click('pay', '/api/waveforms', {
                method: 'POST',
                headers: { 'Idempotency-Key': crypto.randomUUID(), 'Content-Type': 'application/json' },
                body: JSON.stringify({ name }),
              });
              paid++;
              await click('credits', '/auth/credits');
              await click('files', '/uploads');
              await new Promise((done) => { setTimeout(done, 50); });
            }

            const { credits, status } = await session.refreshCredits();
            return { credits, status, state: session.state };
          })();
        }
        """;

    [Test]
    public async Task Deployments_under_load_fail_no_click()
    {
        var folder = Directory.CreateTempSubdirectory("deploy-");
        var context = await SharedBrowser.NewContextAsync();
        var (process, address) = await StartAsync(folder);
        await using var proxy = await BrokenProxy.StartAsync(address);
        try
        {
            var tab = new StudioPage(await context.NewPageAsync());
            await tab.Page.GotoAsync(proxy.Address);
            await tab.SignUpAsync(StudioPage.NewEmail());
            await tab.UploadToneAsync();
            var list = await tab.Page.APIRequest.GetAsync($"{proxy.Address}/uploads", new() { Headers = await AuthorizeAsync(tab) });
            var name = (await list.JsonAsync())!.Value.GetProperty("files")[0].GetProperty("name").GetString();
            await tab.Page.EvaluateAsync(Clicks, new object[] { name!, Payments });

            for (var deployment = 1; deployment <= Deployments; deployment++)
            {
                await tab.Page.WaitForFunctionAsync("count => paid >= count", deployment * 3);
                process = await DeployAsync(process, proxy, folder);
            }

            var end = (await tab.Page.EvaluateAsync<JsonElement>("finished"))!;
            (await tab.Page.EvaluateAsync<string[]>("failures")).Should().BeEmpty();
            end.GetProperty("credits").GetInt64().Should().Be(100 - (5 * Payments), "each payment is charged once");
            end.GetProperty("state").GetString().Should().Be("ready");
            (await tab.Page.EvaluateAsync<string[]>("states")).Should().NotContain("signed_out");
        }
        finally
        {
            await Screenshots.CloseAsync(context);
            process.Dispose();
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Ends the old process, and sends new requests to the next one while that one is still starting.</summary>
    private static async Task<ChildProcess> DeployAsync(ChildProcess old, BrokenProxy proxy, DirectoryInfo folder)
    {
        var address = new Uri($"http://127.0.0.1:{Ports.Next()}");
        old.Terminate();
        proxy.ForwardTo(address);
        var (next, _) = await StartAsync(folder, address);
        await old.WaitForExitAsync();
        old.Dispose();
        return next;
    }

    private static async Task<(ChildProcess Process, Uri Address)> StartAsync(DirectoryInfo folder, Uri? address = null)
    {
        address ??= new Uri($"http://127.0.0.1:{Ports.Next()}");
        string[] arguments = ["--urls", address.GetLeftPart(UriPartial.Authority), "--Data", folder.FullName, "--Supervise", "false"];
        return (await ChildProcess.StartAsync("AudioStudio.dll", new Uri(address, "studio/info"), arguments), address);
    }

    private static async Task<Dictionary<string, string>> AuthorizeAsync(StudioPage tab) =>
        new() { ["Authorization"] = $"Bearer {await tab.AccessTokenAsync()}" };
}
