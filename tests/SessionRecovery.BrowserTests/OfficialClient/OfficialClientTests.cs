using System.Collections.Concurrent;
using System.Globalization;
using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.CrossOrigin;
using SessionRecovery.BrowserTests.Running;
using SupabaseStandIn;

namespace SessionRecovery.BrowserTests.OfficialClient;

/// <summary>A bundled page with Supabase's own client, on another origin than the two servers it may ask.</summary>
[TestFixture]
internal sealed class OfficialClientTests
{
    private const string Refresh = "POST /auth/v1/token?grant_type=refresh_token";
    private const int Tabs = 20;

    // A hundred, and twenty, in the full-size drills: a browser of its own costs seconds to open.
    private static readonly int Rounds = Number("REFRESH_ROUNDS", otherwise: 2);
    private static readonly int Browsers = Number("REFRESH_BROWSERS", otherwise: 6);

    private readonly List<ChildProcess> _nodes = [];
    private DirectoryInfo _folder = null!;
    private StandIn _supabase = null!;
    private BundledPage _bundle = null!;
    private string[] _addresses = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _supabase = await SupabaseProject.StartAsync();
        _bundle = await BundledPage.StartAsync();
        _folder = Directory.CreateTempSubdirectory("official-client-");
        _addresses = [$"http://127.0.0.1:{ChildProcess.FreePort()}", $"http://127.0.0.1:{ChildProcess.FreePort()}"];
        foreach (var address in _addresses)
        {
            _nodes.Add(await StartNodeAsync(address));
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _nodes.ForEach(static node => node.Dispose());
        if (_bundle is not null)
        {
            await _bundle.DisposeAsync();
        }

        if (_supabase is not null)
        {
            await _supabase.DisposeAsync();
        }

        _folder?.Delete(recursive: true);
    }

    [Test]
    public async Task A_page_of_another_origin_recovers_across_a_SIGKILL_of_its_server()
    {
        await using var context = await SharedBrowser.NewContextAsync();
        var page = await ClientPage.OpenAsync(context, _bundle, _addresses[0], _supabase);
        await page.SignUpAsync();

        _nodes[0].Kill();
        _nodes[0].Dispose();
        _nodes[0] = await StartNodeAsync(_addresses[0]);

        (await page.CheckAsync()).Should().Be("ready");
        await page.ShowsAsync("100");
        (await page.HeardAsync()).Should().NotContain("SIGNED_OUT").And.NotContain("session-lost");
    }

    [Test]
    public async Task Twenty_tabs_of_one_browser_refresh_an_expired_session_once()
    {
        await using var context = await SharedBrowser.NewContextAsync();
        var first = await ClientPage.OpenAsync(context, _bundle, _addresses[0], _supabase);
        await first.SignUpAsync();
        var tabs = new List<ClientPage> { first };
        for (var i = 1; i < Tabs; i++)
        {
            tabs.Add(await ClientPage.OpenAsync(context, _bundle, _addresses[i % 2], _supabase));
        }

        for (var round = 1; round <= Rounds; round++)
        {
            _supabase.Control.ResetRequests();
            await first.ExpireAsync();

            var states = await Task.WhenAll(tabs.Select(static tab => tab.CheckAsync()));

            states.Should().OnlyContain(static state => state == "ready", "in round {0}", round);
            _supabase.Control.Requests.GetValueOrDefault(Refresh).Should().Be(1, "in round {0}", round);
        }

        await NobodyWasSignedOutAsync(tabs);
    }

    [Test]
    public async Task Browsers_with_one_session_refresh_it_at_most_once_each_and_none_is_signed_out()
    {
        await using var origin = await SharedBrowser.NewContextAsync();
        var first = await ClientPage.OpenAsync(origin, _bundle, _addresses[0], _supabase);
        await first.SignUpAsync();
        var kept = await origin.StorageStateAsync();
        var contexts = new List<IBrowserContext>();
        try
        {
            var refreshes = new ConcurrentDictionary<IBrowserContext, int>();
            var pages = new List<ClientPage>();
            for (var i = 0; i < Browsers; i++)
            {
                var context = await SharedBrowser.NewContextAsync(new BrowserNewContextOptions { StorageState = kept });
                contexts.Add(context);
                context.Request += (_, request) =>
                {
                    if (request.Method == "POST" && request.Url.EndsWith("grant_type=refresh_token", StringComparison.Ordinal))
                    {
                        refreshes.AddOrUpdate(context, 1, static (_, count) => count + 1);
                    }
                };
                pages.Add(await ClientPage.OpenAsync(context, _bundle, _addresses[i % 2], _supabase));
            }

            for (var round = 1; round <= Rounds; round++)
            {
                refreshes.Clear();
                await Task.WhenAll(pages.Select(static page => page.ExpireAsync()));

                var states = await Task.WhenAll(pages.Select(static page => page.CheckAsync()));

                states.Should().OnlyContain(static state => state == "ready", "in round {0}", round);
                refreshes.Should().HaveCount(Browsers, "each browser has a session of its own to renew, in round {0}", round);
                refreshes.Values.Should().OnlyContain(static count => count == 1, "in round {0}", round);
            }

            await NobodyWasSignedOutAsync(pages);
        }
        finally
        {
            foreach (var context in contexts)
            {
                await context.CloseAsync();
            }
        }
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private Task<ChildProcess> StartNodeAsync(string address) => ChildProcess.StartAsync(
        Path.GetFileName(typeof(ApiHost).Assembly.Location),
        new Uri($"{address}/session/session-recovery.js"),
        address,
        _folder.FullName,
        _bundle.Origin,
        _supabase.Url,
        _supabase.Keys.Publishable,
        _supabase.Keys.Secret);

    private static async Task NobodyWasSignedOutAsync(IEnumerable<ClientPage> pages)
    {
        foreach (var page in pages)
        {
            (await page.HeardAsync()).Should().NotContain("SIGNED_OUT").And.NotContain("session-lost");
        }
    }
}
