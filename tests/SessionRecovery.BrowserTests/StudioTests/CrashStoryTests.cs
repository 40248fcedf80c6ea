using System.Collections.Concurrent;
using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.StudioTests;

/// <summary>
/// Tests the demonstration of the sample. The user signs in, uploads a file, spends credits and crashes the server, and the page recovers.
/// </summary>
[TestFixture(false, TestName = "CrashStoryTests(embedded)")]
[TestFixture(true, TestName = "CrashStoryTests(Supabase)")]
internal sealed class CrashStoryTests(bool onSupabase)
{
    private Studio _studio = null!;
    private IBrowserContext _context = null!;
    private DisplayRecorder _recorder = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _studio = await Studio.StartAsync(onSupabase);

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_studio is not null)
        {
            await _studio.DisposeAsync();
        }
    }

    [SetUp]
    public async Task OpenAsync()
    {
        _context = await SharedBrowser.NewContextAsync();
        _recorder = await DisplayRecorder.StartAsync(_context);
    }

    [TearDown]
    public Task CloseAsync() => Screenshots.CloseAsync(_context);

    [Test]
    public async Task The_page_recovers_with_session_credits_and_playback_position()
    {
        var email = StudioPage.NewEmail();
        var first = await StudioPage.OpenAsync(_context, _studio);
        await first.SignUpAsync(email);
        await first.SignOutAsync();
        await first.SignInAsync(email);
        await first.ShowsAsync("ready", "100");
        var second = await StudioPage.OpenAsync(_context, _studio);
        await second.ShowsAsync("ready", "100");

        await first.UploadToneAsync();
        var third = await StudioPage.OpenAsync(_context, _studio);
        await third.ShowsAsync("ready", "100");
        await first.Page.BringToFrontAsync();
        await first.Button("Play").ClickAsync();
        await first.DrawAsync();
        await first.ShowsAsync("ready", "95");
        await first.WaitUntilPlayedPastAsync(2);
        var signIns = CountSignIns();
        var epoch = await _studio.EpochAsync();
        var playedTo = await first.PlaybackAsync();
        var slider = await first.SeekPositionAsync();

        await first.Kill.ClickAsync();

        (await first.SurvivalAsync()).Should().StartWith("Server killed, back in ")
            .And.EndWith("Still signed in. 95 credits. Sound never stopped. Nothing charged.");
        await first.ShowsAsync("ready", "95");
        (await first.SeekPositionAsync()).Should().BeGreaterThanOrEqualTo(slider, "the displayed position must not decrease");
        await first.WaitUntilPlayedPastAsync(playedTo + 1.5);
        await first.IsDrawnAsync();
        (await _studio.EpochAsync()).Should().NotBe(epoch, "the server has restarted");

        // The other tabs have sent no request since the crash. One of them becomes visible, and in another the user makes a request.
        await second.Page.BringToFrontAsync();
        await second.Page.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))");
        await second.ShowsAsync("ready", "95");
        await third.Page.BringToFrontAsync();
        await third.Page.Locator("#files .choose").ClickAsync();
        await third.WaitUntilPlayedPastAsync(0.2);
        await third.ShowsAsync("ready", "95");

        signIns.Should().BeEmpty();
        _recorder.Credits(first.Page).Should().Contain(["100", "95"], "the recorder must have been active");
        _recorder.ShouldContainNoZero();
        _recorder.Lights(second.Page).Concat(_recorder.Lights(third.Page)).Should().NotContain("signed-out");
        (await _studio.ReadDatabaseCreditsAsync(await first.AccessTokenAsync())).Should().Be(95);
    }

    [Test]
    public async Task A_seek_during_an_outage_resumes_playback_at_its_target()
    {
        var tab = await StudioPage.OpenAsync(_context, _studio);
        await tab.SignUpAsync(StudioPage.NewEmail());
        using var sound = new SoundFile(TimeSpan.FromSeconds(120));
        await tab.UploadAsync(sound.Path);
        await tab.Button("Play").ClickAsync();
        await tab.WaitUntilPlayedPastAsync(0.5);
        (await tab.BufferedToAsync()).Should().BeLessThan(100, "part of the file must still be loaded after the crash");

        await tab.Kill.ClickAsync();
        await tab.Page.Locator("#seek").FillAsync("850");

        (await tab.SurvivalAsync()).Should().Contain("Still signed in. 100 credits.");
        await tab.ShowsAsync("ready", "100");

        // The audio element reports the position 0 while its source changes. The displayed position must not decrease, and playback must
        // resume from it.
        (await tab.SeekPositionAsync()).Should().BeInRange(850, 1000);
        await tab.WaitUntilPlayedPastAsync(102);
        (await tab.SeekPositionAsync()).Should().BeInRange(850, 1000);
        _recorder.ShouldContainNoZero();
    }

    [Test]
    public async Task A_stalled_player_gets_a_new_link_and_resumes_playback()
    {
        var tab = await StudioPage.OpenAsync(_context, _studio);
        await tab.SignUpAsync(StudioPage.NewEmail());
        using var sound = new SoundFile(TimeSpan.FromSeconds(120));
        await tab.UploadAsync(sound.Path);
        await tab.Button("Play").ClickAsync();
        await tab.WaitUntilPlayedPastAsync(0.5);

        // The outage is longer than the browser's own retries, so playback resumes only after the player has requested a new link.
        await _context.SetOfflineAsync(true);
        await tab.Page.Locator("#seek").FillAsync("850");
        await Expect(tab.Page.Locator("#player-note")).ToHaveTextAsync("The sound waits for the server and goes on by itself.");
        await _context.SetOfflineAsync(false);

        await tab.WaitUntilPlayedPastAsync(102);
        (await tab.SeekPositionAsync()).Should().BeInRange(850, 1000);
        await tab.ShowsAsync("ready", "100");
        _recorder.ShouldContainNoZero();
    }

    [Test]
    public async Task An_in_flight_paid_request_is_charged_once()
    {
        var tab = await StudioPage.OpenAsync(_context, _studio);
        await tab.SignUpAsync(StudioPage.NewEmail());
        await tab.UploadToneAsync();
        var keys = CollectPaymentKeys();

        await tab.Button("Pull the plug mid-payment").ClickAsync();

        (await tab.SurvivalAsync()).Should().Contain("95 credits. ").And.Contain(". Charged once");
        await tab.IsDrawnAsync();
        await tab.ShowsAsync("ready", "95");
        TestContext.Out.WriteLine($"The payment was sent {keys.Count} times.");
        keys.Distinct().Should().ContainSingle();
        (await _studio.ReadDatabaseCreditsAsync(await tab.AccessTokenAsync())).Should().Be(95);
        _recorder.ShouldContainNoZero();
    }

    [Test]
    public async Task A_payment_with_a_lost_response_is_not_charged_again()
    {
        var tab = await StudioPage.OpenAsync(_context, _studio);
        await tab.SignUpAsync(StudioPage.NewEmail());
        await tab.UploadToneAsync();
        var token = await tab.AccessTokenAsync();
        var keys = CollectPaymentKeys();
        await tab.Page.RouteAsync("**/api/waveforms", async route =>
        {
            // The server runs the handler and charges the credits, and is killed before the page receives the response.
            await route.FetchAsync();
            await _studio.CrashAsync(token);
            await route.AbortAsync("connectionreset");
        }, new() { Times = 1 });

        await tab.Draw.ClickAsync();

        await Expect(tab.Note).ToHaveTextAsync("Waveform drawn · −5 · 95 left");
        await Expect(tab.Page.Locator("#log")).ToContainTextAsync("The repeat got the first response.");
        await tab.IsDrawnAsync();
        await tab.ShowsAsync("ready", "95");
        keys.Should().HaveCountGreaterThan(1);
        keys.Distinct().Should().ContainSingle();
        (await _studio.ReadDatabaseCreditsAsync(token)).Should().Be(95);
        _recorder.ShouldContainNoZero();
    }

    [Test]
    public async Task A_rejected_payment_shows_a_message_and_retries_once()
    {
        var tab = await StudioPage.OpenAsync(_context, _studio);
        var local = tab.Page.Locator("#local");
        await (onSupabase ? Expect(local).ToBeHiddenAsync() : Expect(local).ToBeVisibleAsync());
        await tab.SignUpAsync(StudioPage.NewEmail());
        await tab.UploadToneAsync();
        var keys = CollectPaymentKeys();
        await tab.Page.RouteAsync("**/api/waveforms", static route => route.FulfillAsync(new()
        {
            Status = 409,
            ContentType = "application/problem+json",
            Body = """{"status": 409, "code": "superseded", "title": "A later attempt of this request took over."}""",
        }), new() { Times = 1 });

        await tab.Draw.ClickAsync();
        await Expect(tab.Note).ToHaveTextAsync("A newer attempt has taken over. Press again: you pay once.");
        await tab.Button("Try again you pay once").ClickAsync();

        await tab.IsDrawnAsync();
        await tab.ShowsAsync("ready", "95");
        keys.Should().HaveCount(2);
        keys.Distinct().Should().ContainSingle();
        _recorder.ShouldContainNoZero();
    }

    private ConcurrentQueue<string> CountSignIns()
    {
        var seen = new ConcurrentQueue<string>();
        _context.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/login", StringComparison.Ordinal)
                || request.Url.Contains("grant_type=password", StringComparison.Ordinal))
            {
                seen.Enqueue(request.Url);
            }
        };
        return seen;
    }

    private ConcurrentQueue<string> CollectPaymentKeys()
    {
        var keys = new ConcurrentQueue<string>();
        _context.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/api/waveforms", StringComparison.Ordinal))
            {
                keys.Enqueue(request.Headers["idempotency-key"]);
            }
        };
        return keys;
    }
}
