using System.Collections.Concurrent;
using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.CrossOrigin;

/// <summary>Tests a page that uses an API on another origin, with the CORS policy of the API.</summary>
[TestFixture]
internal sealed class CrossOriginTests
{
    /// <summary>Sends a request from the page and returns the values that the page may read.</summary>
    private const string FetchBalance = """
        async ([url, token]) => {
          try {
            const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
            return `${(await response.json()).credits} ${response.headers.has('Session-Epoch')} ${response.headers.has('Credits-Version')}`;
          } catch (error) {
            return error.name;
          }
        }
        """;

    private const string Token =
        "JSON.parse(Object.entries(localStorage).find(([key]) => key.startsWith('session-recovery:tokens:'))[1]).accessToken";

    private DirectoryInfo _folder = null!;
    private Uri _api = null!;
    private PageHost _allowed = null!;
    private PageHost _foreign = null!;
    private ChildProcess _process = null!;
    private IBrowserContext _context = null!;
    private DisplayRecorder _recorder = null!;

    private string Api => _api.GetLeftPart(UriPartial.Authority);

    [SetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("cross-origin-");
        _api = new Uri($"http://127.0.0.1:{Ports.Next()}");
        _allowed = await PageHost.StartAsync(Api);
        _foreign = await PageHost.StartAsync(Api);
        _process = await StartApiAsync();
        _context = await SharedBrowser.NewContextAsync();
        _recorder = await DisplayRecorder.StartAsync(_context);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await Screenshots.CloseAsync(_context);
        _process.Dispose();
        await _allowed.DisposeAsync();
        await _foreign.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task An_allowed_origin_recovers_credits_after_the_api_is_killed()
    {
        var signIns = new ConcurrentQueue<string>();
        _context.Request += (_, request) =>
        {
            if (request is { Method: "POST" } && new Uri(request.Url).AbsolutePath is "/login" or "/refresh")
            {
                signIns.Enqueue(request.Url);
            }
        };
        var page = await OpenAndSignInAsync(_allowed);
        await ShowsAsync(page, "ready", "100");
        await page.Locator("#pay").ClickAsync();
        await Expect(page.Locator("#work")).ToHaveTextAsync("done");
        await ShowsAsync(page, "ready", "95");

        _process.Kill();
        await page.Locator("#pay").ClickAsync();
        await ShowsAsync(page, "offline", "95");
        _process.Dispose();
        _process = await StartApiAsync();

        await Expect(page.Locator("#work")).ToHaveTextAsync("done");
        await ShowsAsync(page, "ready", "90");
        (await FetchBalanceAsync(page, await page.EvaluateAsync<string>(Token)))
            .Should().Be("90 true true", "the page may read the balance and the headers of SessionRecovery");
        signIns.Should().ContainSingle("the user signed in only once, before the kill");
        _recorder.Credits(page).Should().Contain(["100", "95", "90"]);
        _recorder.ShouldContainNoZero();
    }

    [Test]
    public async Task An_origin_outside_the_policy_gets_nothing()
    {
        var page = await OpenAndSignInAsync(_allowed);
        await ShowsAsync(page, "ready", "100");
        var token = await page.EvaluateAsync<string>(Token);
        (await FetchBalanceAsync(page, token)).Should().Be("100 true true");

        var foreign = await OpenAndSignInAsync(_foreign);

        await Expect(foreign.Locator("#sign-in")).ToHaveTextAsync("unreachable");
        await ShowsAsync(foreign, "signed_out", "–");
        (await FetchBalanceAsync(foreign, token)).Should().Be("TypeError", "the policy rejects the origin even with a valid token");
    }

    private static async Task<IPage> SignInAsync(IPage page)
    {
        await Expect(page.Locator("#state")).ToHaveTextAsync("signed_out");
        await page.Locator("#enter").ClickAsync();
        return page;
    }

    private static async Task ShowsAsync(IPage page, string state, string credits)
    {
        await Expect(page.Locator("#state")).ToHaveTextAsync(state);
        await Expect(page.Locator("credit-balance [part=value]")).ToHaveTextAsync(credits);
    }

    private Task<string> FetchBalanceAsync(IPage page, string token) =>
        page.EvaluateAsync<string>(FetchBalance, new[] { $"{Api}/auth/credits", token });

    private async Task<IPage> OpenAndSignInAsync(PageHost host)
    {
        var page = await _context.NewPageAsync();
        await page.GotoAsync(host.Origin);
        return await SignInAsync(page);
    }

    private Task<ChildProcess> StartApiAsync() => ChildProcess.StartAsync(
        Path.GetFileName(typeof(ApiHost).Assembly.Location), new Uri(_api, "session/session-recovery.js"), Api, _folder.FullName,
            _allowed.Origin);
}
