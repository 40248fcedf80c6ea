using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.CrossOrigin;
using SessionRecovery.BrowserTests.Running;
using SupabaseStandIn;
using SupabaseStandIn.Control;

namespace SessionRecovery.BrowserTests.OfficialClient;

/// <summary>
/// Tests a bundled page with Supabase's official client. The origin of the page differs from the origins of the two servers that it uses.
/// </summary>
[TestFixture]
internal sealed class OfficialClientTests
{
    private const string Refresh = "POST /auth/v1/token?grant_type=refresh_token";
    private const string UnauthorizedReason = "a page sends an expired token only while the clock hides its expiry, in round {0}";
    private const int Tabs = 20;

    // The numbers of rounds and browsers. The complete drills use 100 rounds and 20 browsers. The tests use fewer rounds and browsers,
    // because starting a browser takes seconds.
    private static readonly int Rounds = Number("REFRESH_ROUNDS", otherwise: 2);
    private static readonly int Browsers = Number("REFRESH_BROWSERS", otherwise: 6);

    // The maximum delay of a refresh, which is below the page's refresh timeout of 10 seconds.
    private static readonly TimeSpan MaxRefreshDelay = TimeSpan.FromSeconds(8);

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
        _addresses = [$"http://127.0.0.1:{Ports.Next()}", $"http://127.0.0.1:{Ports.Next()}"];
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

        _folder?.Delete(recursive: true);
        await SupabaseProject.StopAsync(_supabase);
    }

    [Test]
    public async Task A_cross_origin_page_recovers_after_its_server_is_killed()
    {
        await using var context = await SharedBrowser.NewContextAsync();
        var page = await ClientPage.OpenAsync(context, _bundle, _addresses[0], _supabase);
        await page.SignUpAsync();
        await page.MarkPageLoadAsync();
        (await page.ReadEventsAsync()).Should().NotContain("auth-recovered", "no recovery has happened yet");

        _nodes[0].Dispose();
        try
        {
            await page.CheckAgainAsync();
            await page.ShowsAsync("100", "offline");
            await GrantAsync((await page.ReadStoredSessionAsync())["user"]!["id"]!.GetValue<string>(), 30);
            await page.ShowsAsync("100", "offline");
        }
        finally
        {
            // The server is started again, because other tests also use it.
            _nodes[0] = await StartNodeAsync(_addresses[0]);
        }

        await page.ShowsAsync("130");
        (await page.ReadEventsAsync()).Should().Contain("auth-recovered").And.NotContain("SIGNED_OUT").And.NotContain("session-lost");
        (await page.IsSamePageLoadAsync()).Should().BeTrue("the page must recover without a reload");
    }

    [Test]
    public async Task The_official_client_works_in_a_browser()
    {
        await using var context = await SharedBrowser.NewContextAsync();
        await using var elsewhere = await SharedBrowser.NewContextAsync();
        var page = await ClientPage.OpenAsync(context, _bundle, _addresses[0], _supabase);
        var email = await page.SignUpAsync();
        await page.SignOutAsync();
        await page.SignInAsync(email);
        var other = await ClientPage.OpenAsync(elsewhere, _bundle, _addresses[1], _supabase);
        await other.SignUpAsync();
        var stranger = (await other.ReadStoredSessionAsync())["user"]!["id"]!.GetValue<string>();

        foreach (var call in (string[])["refresh", "row", "rpc", "files", "foreignFiles"])
        {
            (await page.StartAsync(call, stranger)).Should().Equal(ClientCalls.Expected[call], "of {0}", call);
        }
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

        await AllShowAsync(tabs);
        var unauthorized = new UnauthorizedResponses(context, _addresses);
        for (var round = 1; round <= Rounds; round++)
        {
            var hidesExpiry = HidesExpiry(round);
            var expired = await IssueExpiredAsync(first, hidesExpiry);
            _supabase.Control.ResetRequests();
            var allUnauthorized = unauthorized.UntilAsync(GetToken(expired), Tabs);
            if (hidesExpiry)
            {
                // The refresh is slow, so that almost all tabs send the old token. Only a tab that reads the session after the refresh
                // finds the new token.
                _supabase.Control.Fail(new Fault(FaultKind.Slow) { Service = ServiceName.Auth, Path = "/token", Delay = MaxRefreshDelay });
            }

            await first.StoreSessionAsync(expired);
            var checks = Task.WhenAll(tabs.Select(static tab => tab.CheckAsync()));
            await Task.WhenAny(checks, allUnauthorized);
            _supabase.Control.ClearFaults();

            (await checks).Should().OnlyContain(static state => state == "ready", "in round {0}", round);
            _supabase.Control.Requests.GetValueOrDefault(Refresh).Should().Be(1, "in round {0}", round);
            unauthorized.CountTabs(GetToken(expired))
                .Should().BeInRange(hidesExpiry ? 1 : 0, hidesExpiry ? Tabs : 0, UnauthorizedReason, round);
        }

        await NoTabWasSignedOutAsync(tabs);
    }

    [Test]
    public async Task Browsers_sharing_a_session_refresh_at_most_once_each()
    {
        await using var origin = await SharedBrowser.NewContextAsync();
        var first = await ClientPage.OpenAsync(origin, _bundle, _addresses[0], _supabase);
        await first.SignUpAsync();
        var storageState = await origin.StorageStateAsync();
        var contexts = new List<IBrowserContext>();
        try
        {
            var refreshes = new ConcurrentDictionary<IBrowserContext, int>();
            var unauthorized = new List<UnauthorizedResponses>();
            var pages = new List<ClientPage>();
            for (var i = 0; i < Browsers; i++)
            {
                var context = await SharedBrowser.NewContextAsync(new BrowserNewContextOptions { StorageState = storageState });
                contexts.Add(context);
                context.Request += (_, request) =>
                {
                    if (request.Method == "POST" && request.Url.EndsWith("grant_type=refresh_token", StringComparison.Ordinal))
                    {
                        refreshes.AddOrUpdate(context, 1, static (_, count) => count + 1);
                    }
                };
                unauthorized.Add(new UnauthorizedResponses(context, [_addresses[i % 2]]));
                pages.Add(await ClientPage.OpenAsync(context, _bundle, _addresses[i % 2], _supabase));
            }

            await AllShowAsync(pages);
            for (var round = 1; round <= Rounds; round++)
            {
                var hidesExpiry = HidesExpiry(round);
                var expired = await IssueExpiredAsync(pages[0], hidesExpiry);
                refreshes.Clear();
                await Task.WhenAll(pages.Select(page => page.StoreSessionAsync(expired)));

                var states = await Task.WhenAll(pages.Select(static page => page.CheckAsync()));

                states.Should().OnlyContain(static state => state == "ready", "in round {0}", round);
                refreshes.Should().HaveCount(Browsers, "browsers do not share renewed tokens, in round {0}", round);
                refreshes.Values.Should().OnlyContain(static count => count == 1, "in round {0}", round);
                unauthorized.Select(browser => browser.CountTabs(GetToken(expired)))
                    .Should().OnlyContain(count => count == (hidesExpiry ? 1 : 0), UnauthorizedReason, round);
            }

            await NoTabWasSignedOutAsync(pages);
        }
        finally
        {
            foreach (var context in contexts)
            {
                await context.CloseAsync();
            }
        }
    }

    /// <summary>
    /// In every second round, the clock of the device is far behind, so that the page learns only from a 401 response that the token has
    /// expired.
    /// </summary>
    private static bool HidesExpiry(int round) => round % 2 == 0;

    private static string GetToken(JsonObject session) => session["access_token"]!.GetValue<string>();

    /// <summary>
    /// Replaces the session of a browser with a session whose access token expired an hour ago. Both servers reject this token. The tab
    /// that receives the session may refresh it immediately, so counting begins before the replacement.
    /// </summary>
    private async Task<JsonObject> IssueExpiredAsync(ClientPage browser, bool hidesExpiry)
    {
        using var auth = new HttpClient();
        auth.DefaultRequestHeaders.Add("apikey", _supabase.Keys.Publishable);
        var used = (string?)(await browser.ReadStoredSessionAsync())["refresh_token"];
        var lifetime = _supabase.Control.Auth.TokenLifetime;
        JsonObject session;
        _supabase.Control.Auth.TokenLifetime = -3600;
        try
        {
            using var response =
                await auth.PostAsJsonAsync($"{_supabase.Url}/auth/v1/token?grant_type=refresh_token", new { refresh_token = used });
            session = (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>())!;
        }
        finally
        {
            _supabase.Control.Auth.TokenLifetime = lifetime;
        }

        foreach (var address in _addresses)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{address}/session/health");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (string?)session["access_token"]);
            using var response = await auth.SendAsync(request);
            response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        }

        if (hidesExpiry)
        {
            session["expires_at"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds();
        }

        return session;
    }

    /// <summary>Changes the balance only in the database, without a request to the host.</summary>
    private async Task GrantAsync(string user, long amount) => (await _supabase.Control.ScalarAsync<string>(
        "select public.grant_credits(p_user => $1, p_amount => $2, p_key => $3) ->> 'outcome'", Guid.Parse(user), amount, $"grant-{user}"))
            .Should().Be("ok");

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

    /// <summary>
    /// Waits until all pages show the balance. Before a page shows the balance, the first check of a page is still running, and a requested
    /// check would only join it.
    /// </summary>
    private static Task AllShowAsync(List<ClientPage> pages) => Task.WhenAll(pages.Select(static page => page.ShowsAsync("100")));

    private static async Task NoTabWasSignedOutAsync(List<ClientPage> pages)
    {
        foreach (var page in pages)
        {
            (await page.ReadEventsAsync()).Should().NotContain("SIGNED_OUT").And.NotContain("session-lost");
        }
    }
}
