using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.Outages;

/// <summary>
/// Tests a page behind a proxy that cannot reach the application for a while. A paid request must complete after the outage, and the page
/// must show the correct state in each second.
/// </summary>
[TestFixture]
internal sealed class OutageTests
{
    private DirectoryInfo _folder = null!;
    private OutageHost _host = null!;
    private BrokenProxy _proxy = null!;
    private IBrowserContext _context = null!;
    private IPage _page = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("outage-");
        _host = await OutageHost.StartAsync(_folder.FullName);
        _proxy = await BrokenProxy.StartAsync(_host.Address);
        _context = await SharedBrowser.NewContextAsync();
        _page = await _context.NewPageAsync();
        await _page.GotoAsync(_proxy.Address);
        await StateIsAsync("signed_out");
        await _page.EvaluateAsync("signIn()");
        await StateIsAsync("ready");
        await CreditsAreAsync("100");
    }

    [TearDown]
    public async Task StopAsync()
    {
        await Screenshots.CloseAsync(_context);
        await _proxy.DisposeAsync();
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [TestCase(502, 12)]
    [TestCase(521, 20)]
    public async Task A_paid_request_survives_a_proxy_without_its_application(int status, int seconds)
    {
        _proxy.RespondWith(status);
        await _page.EvaluateAsync("startOutage()");
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var samples = await SamplesAsync();
        _proxy.Mend();

        await DeliveredAsync();
        samples.Should().HaveCountGreaterThan(seconds / 2).And.OnlyContain(state => state == "offline");
    }

    [Test]
    public async Task A_paid_request_survives_a_server_that_hangs()
    {
        _proxy.Hold();
        await _page.EvaluateAsync("startOutage()");
        await Task.Delay(TimeSpan.FromSeconds(15));
        var samples = await SamplesAsync();
        _proxy.Mend();

        await DeliveredAsync();
        samples.Should().HaveCountGreaterThan(12);
        samples.Skip(11).Should().OnlyContain(state => state == "suspect", "neither the request nor the check is answered");
    }

    private async Task DeliveredAsync()
    {
        await _page.WaitForFunctionAsync("() => globalThis.result !== null", null, new() { Timeout = 40_000 });
        (await _page.EvaluateAsync<string>("result")).Should().Be("done");
        await StateIsAsync("ready");
        await CreditsAreAsync("95");
        (await _page.EvaluateAsync<double>("readyAt - goodAt")).Should().BeLessThan(1000, "the first good response starts a check at once");
    }

    private Task<string[]> SamplesAsync() => _page.EvaluateAsync<string[]>("clearInterval(sampling), samples");

    private Task StateIsAsync(string state) => Expect(_page.Locator("#state")).ToHaveTextAsync(state);

    private Task CreditsAreAsync(string credits) => Expect(_page.Locator("credit-balance [part=value]")).ToHaveTextAsync(credits);
}
