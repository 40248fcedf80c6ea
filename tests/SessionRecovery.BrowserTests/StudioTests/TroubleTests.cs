using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Outages;
using SessionRecovery.BrowserTests.Running;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.StudioTests;

/// <summary>
/// Tests the sentence about an outage and the score at each second, behind a proxy without its application, on a server that does not
/// answer, and offline.
/// </summary>
[TestFixture]
internal sealed class TroubleTests : StudioTest
{
    /// <summary>
    /// Records the sentence, its time, the score and the light each second from now on. The time counts from the click that kills the
    /// server, or from the moment at which the device goes offline.
    /// </summary>
    private const string Record = """
        () => {
          let began = performance.now();
          const restart = () => { began = performance.now(); };
          document.getElementById('kill').addEventListener('click', restart, { capture: true });
          addEventListener('offline', restart);
          const text = (id) => document.getElementById(id).textContent;
          globalThis.seconds = [];
          setInterval(() => seconds.push([String((performance.now() - began) / 1000), String(document.getElementById('trouble').hidden),
            text('trouble-text'), text('trouble-time'),
            ['crashes', 'payments', 'twice', 'signed-out'].map((name) => text(`score-${name}`)).join(), text('light-text')]), 1000);
        }
        """;

    private BrokenProxy _proxy = null!;
    private StudioPage _tab = null!;

    [SetUp]
    public async Task PlayAsync()
    {
        _proxy = await BrokenProxy.StartAsync(new Uri(Studio.Address));
        _tab = new StudioPage(await Context.NewPageAsync());
        await _tab.Page.GotoAsync(_proxy.Address);
        await _tab.OpenStudioAsync();
        await _tab.Button("Play").ClickAsync();
        await _tab.WaitUntilPlayedPastAsync(0.3);
    }

    [TearDown]
    public ValueTask StopProxyAsync() => _proxy.DisposeAsync();

    [TestCase(502)]
    [TestCase(521)]
    public async Task A_crash_behind_a_proxy_is_told_at_each_second(int status)
    {
        var token = await _tab.AccessTokenAsync();
        await _tab.Page.RouteAsync("**/studio/crash", async route =>
        {
            await Studio.CrashAsync(token);
            _proxy.RespondWith(status);
            await route.ContinueAsync();
        });
        await _tab.Page.EvaluateAsync(Record);

        await _tab.Kill.ClickAsync();
        await Task.Delay(TimeSpan.FromSeconds(12));
        var seconds = await SecondsAsync();
        _proxy.Mend();

        seconds.Should().HaveCountGreaterThan(9);
        seconds.Should().OnlyContain(second => second.Text == "The server is restarting. Keep listening; the page comes back by itself.");
        seconds.Should().OnlyContain(static second => second.Score == "0,0,0,0" && second.Light == "Restarting");
        ShouldCount(seconds);
        (await _tab.SurvivalAsync()).Should().MatchRegex(
            @"^Server killed, back in 1\d\.\d s\. Still signed in\. 100 credits\. Sound never stopped\. Nothing charged\.$");
        await Expect(_tab.Trouble).ToBeHiddenAsync();
        await Expect(_tab.Score("crashes")).ToHaveTextAsync("1");
    }

    [Test]
    public async Task A_payment_on_a_hanging_server_is_told_at_each_second()
    {
        var begin = await _tab.PlaybackAsync();
        _proxy.Hold();
        await _tab.Draw.ClickAsync();
        await Expect(_tab.Trouble).ToBeVisibleAsync();
        await _tab.Page.EvaluateAsync(Record);
        await ShowsReaderTheHangingServerAsync();

        await Task.Delay(TimeSpan.FromSeconds(6));
        var seconds = await SecondsAsync();
        _proxy.Mend();

        seconds.Should().HaveCountGreaterThan(4);
        seconds.Should().OnlyContain(
            second => second.Text == "The server does not answer. Keep listening; your payment is sent again by itself.");
        seconds.Should().OnlyContain(static second => second.Score == "0,0,0,0" && second.Light == "No response");
        await _tab.IsDrawnAsync();
        (await _tab.SurvivalAsync()).Should()
            .StartWith("No response, back in ").And.Contain("95 credits. Sound never stopped. Charged once");
        (await _tab.BandAsync()).From.Should().BeInRange(begin - 0.3, begin + 1, "the band begins with the first request without response");
        await Expect(_tab.Trouble).ToBeHiddenAsync();
        await Expect(_tab.Score("crashes")).ToHaveTextAsync("0");
        await Expect(_tab.Score("payments")).ToHaveTextAsync("1");
    }

    [Test]
    public async Task An_offline_device_is_told_at_each_second()
    {
        await _tab.Page.EvaluateAsync(Record);

        await Context.SetOfflineAsync(true);
        await Task.Delay(TimeSpan.FromSeconds(5));
        var seconds = await SecondsAsync();
        await Context.SetOfflineAsync(false);

        seconds.Should().HaveCountGreaterThan(2);
        seconds.Should().OnlyContain(second => second.Text == "You are offline. Keep listening; the page comes back by itself.");
        seconds.Should().OnlyContain(static second => second.Light == "Offline");
        ShouldCount(seconds);
        await Expect(_tab.Trouble).ToBeHiddenAsync();
        (await _tab.SurvivalAsync()).Should().MatchRegex(@"^Offline, back in \d\.\d s\. Still signed in\. 100 credits\. Sound ");
        await Expect(_tab.Score("crashes")).ToHaveTextAsync("0");
        await Expect(_tab.Balance).ToHaveTextAsync("100");
    }

    [Test]
    public async Task Trouble_without_a_click_has_its_cause()
    {
        foreach (var (begin, sentence, light) in ((Action Begin, string Sentence, string Light)[])
        [
            (() => _proxy.RespondWith(502), "The server is away.", "Server away"),
            (() => _proxy.RespondWith(521), "The server is away.", "Server away"),
            (_proxy.Drop, "The server is away.", "Server away"),
            (_proxy.Hold, "The server does not answer.", "No response"),
        ])
        {
            var since = Stopwatch.GetTimestamp();
            begin();
            await Expect(_tab.Trouble).ToBeVisibleAsync();

            Stopwatch.GetElapsedTime(since).Should().BeLessThan(TimeSpan.FromSeconds(8));
            await Expect(_tab.Page.Locator("#trouble-text")).ToHaveTextAsync(
                new Regex($"^{Regex.Escape(sentence)} (Keep listening|Nothing is lost); the page comes back by itself\\.$"));
            await Expect(_tab.Page.Locator("#light-text")).ToHaveTextAsync(light);
            _proxy.Mend();
            await Expect(_tab.Trouble).ToBeHiddenAsync();
            await Expect(_tab.Page.Locator("#light-text")).ToHaveTextAsync("Ready");
        }

        await Expect(_tab.Score("crashes")).ToHaveTextAsync("0");
    }

    /// <summary>The shown time must be the time that has passed, within a second.</summary>
    private static void ShouldCount(IEnumerable<Second> seconds) =>
        seconds.Should().OnlyContain(second => Math.Abs(Math.Floor(second.At) - Number(second.Time)) <= 1);

    private static double Number(string time) => double.Parse(time.Replace(" s", string.Empty), CultureInfo.InvariantCulture);

    private async Task ShowsReaderTheHangingServerAsync()
    {
        await Expect(_tab.Page.GetByRole(AriaRole.Banner)).ToMatchAriaSnapshotAsync(
            """
            - banner:
              - paragraph: AudioStudio
              - paragraph: No response
              - paragraph:
                - status: The server does not answer. Keep listening; your payment is sent again by itself.
            """);
        await Expect(_tab.Survival).ToMatchAriaSnapshotAsync(
            """
            - region "No response":
              - heading "Crashes" [level=2]
              - list
              - paragraph: No response
            """);
    }

    private async Task<Second[]> SecondsAsync() =>
    [
        .. (await _tab.Page.EvaluateAsync<JsonElement>("() => seconds")).EnumerateArray()
            .Select(static second => second.EnumerateArray().Select(static value => value.GetString()!).ToArray())
            .Select(static values => new Second(
                double.Parse(values[0], CultureInfo.InvariantCulture),
                values[1] == "true" ? "" : values[2], values[3], values[4], values[5])),
    ];

    private sealed record Second(double At, string Text, string Time, string Score, string Light);
}
