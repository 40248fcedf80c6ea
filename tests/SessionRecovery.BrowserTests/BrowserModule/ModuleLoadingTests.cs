using System.Collections.Concurrent;
using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;

namespace SessionRecovery.BrowserTests.BrowserModule;

/// <summary>
/// Tests how a browser loads the files of the module, beginning with the entry file, from an application below a path base.
/// </summary>
[TestFixture]
internal sealed class ModuleLoadingTests
{
    private ModuleHost _host = null!;
    private IBrowserContext _context = null!;
    private IPage _page = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _host = await ModuleHost.StartAsync();
        _context = await SharedBrowser.NewContextAsync();
        _page = await _context.NewPageAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await Screenshots.CloseAsync(_context);
        await _host.DisposeAsync();
    }

    [Test]
    public async Task A_page_importing_only_the_entry_gets_the_whole_module()
    {
        var responses = new ConcurrentQueue<IResponse>();
        _page.Response += (_, response) => responses.Enqueue(response);

        await LoadAsync();

        (await _page.EvaluateAsync<string>("names"))
            .Should().Be("CreditBalanceElement,CreditHistoryElement,bearerAdapter,createSession,supabaseAdapter,supabaseFetch,transitions");
        (await _page.EvaluateAsync<string>("session.whenReady().then(({ state }) => state)"))
            .Should().Be("signed_out", "the visitor has no cookie");
        (await _page.EvaluateAsync<bool>("document.querySelector('credit-balance').session === session"))
            .Should().BeTrue("the entry defines the element");
        var parts = responses.Where(response => IsPart(response.Url)).ToList();
        parts.Should().HaveCountGreaterThan(20).And.OnlyContain(response => response.Status == 200);
        foreach (var part in parts)
        {
            (await part.HeaderValueAsync("content-encoding")).Should().BeOneOf("br", "gzip");
        }
    }

    [Test]
    public async Task Parts_are_requested_together()
    {
        await LoadAsync();
        var parts = (await MeasureAsync()).Parts;
        var requested = 0;
        var together = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // No part gets a response until all parts are requested.
        await _page.RouteAsync(static url => IsPart(url), async route =>
        {
            if (Interlocked.Increment(ref requested) == parts)
            {
                together.SetResult();
            }

            await together.Task;
            await route.ContinueAsync();
        });
        await _page.ReloadAsync();

        await _page.WaitForFunctionAsync("() => globalThis.session");
        requested.Should().Be(parts);
    }

    [Test]
    public async Task Parts_are_cached_across_reloads()
    {
        await LoadAsync();
        var first = await MeasureAsync();
        await _page.ReloadAsync();
        await _page.WaitForFunctionAsync("() => globalThis.session");
        var second = await MeasureAsync();

        first.Transferred.Should().BeGreaterThan(0);
        second.Transferred.Should().Be(0, "parts below a content hash are cached as immutable");
    }

    [Test]
    public async Task The_session_fetch_can_replace_that_of_the_page()
    {
        await LoadAsync();

        (await _page.EvaluateAsync<int>(
            """
            async () => {
              window.fetch = session.fetch;
              return (await fetch('session/health', { method: 'POST', keepalive: true, body: 'x'.repeat(70000) })).status;
            }
            """)).Should().Be(405, "the address is relative to the page, and the browser accepts the request without keepalive");
    }

    [Test]
    public async Task A_srcdoc_frame_has_the_server_of_the_page_around_it()
    {
        await LoadAsync();

        await _page.EvaluateAsync(
            """
            () => {
              const frame = document.createElement('iframe');
              frame.srcdoc = `<script type="module">
                import { createSession } from './session/session-recovery.js';
                parent.framed = createSession().whenReady().then(({ state }) => state, (error) => error.message);
              </` + `script>`;
              document.body.append(frame);
            }
            """);
        await _page.WaitForFunctionAsync("() => globalThis.framed");

        (await _page.EvaluateAsync<string>("framed")).Should().Be("signed_out", "the frame has reached the server");
    }

    private static bool IsPart(string url) => url.Contains("/studio/session/session-recovery/", StringComparison.Ordinal);

    private async Task LoadAsync()
    {
        await _page.GotoAsync(_host.Address);
        await _page.WaitForFunctionAsync("() => globalThis.session");
    }

    private async Task<Timing> MeasureAsync() => await _page.EvaluateAsync<Timing>(
        """
        () => {
          const parts = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/session/session-recovery/'));
          return {
            parts: parts.length,
            transferred: parts.reduce((sum, { transferSize }) => sum + transferSize, 0),
          };
        }
        """);

    private sealed record Timing
    {
        public int Parts { get; init; }

        public double Transferred { get; init; }
    }
}
