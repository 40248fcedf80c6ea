using System.Collections.Concurrent;
using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.StudioTests;

/// <summary>Tests that a payment is visible while it is open, and that the page completes it after a reload.</summary>
[TestFixture]
internal sealed class PaymentTests : StudioTest
{
    private const string RecordHeld = """
        () => {
          globalThis.held = [];
          const element = document.getElementById('held');
          new MutationObserver(() => held.push(element.textContent))
            .observe(element, { childList: true, characterData: true, subtree: true });
        }
        """;

    [Test]
    public async Task A_reload_while_paying_collects_the_payment_at_the_same_second()
    {
        var tab = await OpenStudioAsync();
        await tab.Button("Play").ClickAsync();
        await tab.WaitUntilPlayedPastAsync(2);
        await tab.Button("Pause").ClickAsync();
        var position = await tab.PlaybackAsync();
        var keys = CollectKeys();
        await LoseResponseAsync(tab);
        await tab.Draw.ClickAsync();
        await Expect(tab.Draw).ToHaveTextAsync("2 Paying… safe to reload", new() { UseInnerText = true });
        await Expect(tab.Draw).ToBeFocusedAsync();

        await tab.Page.ReloadAsync();

        await tab.IsDrawnAsync();
        await tab.ShowsAsync("ready", "95");
        await Expect(tab.Note).ToHaveTextAsync("Waveform drawn · −5 · 95 left");
        await Expect(tab.Draw).ToHaveAttributeAsync("data-step", "done");
        await Expect(tab.Page.Locator("#player-title")).ToHaveTextAsync("Test tone");
        await Expect(tab.Page.Locator("#now")).ToHaveTextAsync("0:02");
        await tab.Button("Play").ClickAsync();
        await tab.WaitUntilPlayedPastAsync(position - 0.1);
        (await tab.PlaybackAsync()).Should().BeLessThan(position + 5, "the sound goes on from the second of the reload");
        keys.Should().HaveCountGreaterThan(1);
        keys.Distinct().Should().ContainSingle();
        await Expect(tab.Score("payments")).ToHaveTextAsync("1");
    }

    [Test]
    public async Task A_payment_that_was_charged_is_offered_for_collection()
    {
        var tab = await OpenStudioAsync();
        var charged = await LoseResponseAsync(tab);
        await tab.Draw.ClickAsync();
        await Expect(tab.Draw).ToHaveAttributeAsync("data-busy", "true");
        await charged;

        // The page cannot collect the payment by itself after the reload, because another attempt seems to be running.
        await tab.Page.RouteAsync("**/api/waveforms", static route => route.FulfillAsync(new()
        {
            Status = 409,
            ContentType = "application/problem+json",
            Body = """{"status": 409, "code": "superseded"}""",
        }), new() { Times = 1 });
        await tab.Page.ReloadAsync();
        await tab.ShowsAsync("ready", "95");

        await tab.Button("Collect already paid").ClickAsync();

        await tab.IsDrawnAsync();
        await tab.ShowsAsync("ready", "95");
        await Expect(tab.Draw).ToContainTextAsync("Draw again");
    }

    [TestCase("checkOpenPayments")]
    [TestCase("resumePayments")]
    public async Task A_tab_that_lags_does_not_reopen_a_settled_payment(string function)
    {
        var tab = await OpenStudioAsync();
        var other = await OpenPageAsync();
        await other.ShowsAsync("ready", "100");
        using var payment = await HeldResponse.HoldAsync(tab.Page, "**/api/waveforms");
        await other.Page.RouteAsync("**/api/waveforms", static _ => Task.CompletedTask);
        await tab.Draw.ClickAsync();
        await payment.WhenRespondedAsync();
        await Expect(other.Draw).ToContainTextAsync("you pay once");

        // The other tab has read the history, and handles it before it sees that the payment was removed.
        await using (await BlockedTab.BlockAsync(
            other.Page,
            before: """
                const { session } = await import('/session.js');
                const payments = await import('/payments.js');
                const history = await session.getCreditHistory();
                session.getCreditHistory = async () => history;
                """,
            after: $"payments.{function}();"))
        {
            payment.Release();
            await tab.IsDrawnAsync();
        }

        await Expect(other.Draw).ToHaveAttributeAsync("data-step", "done");
        await Expect(tab.Draw).ToContainTextAsync("Draw again");
        (await other.Page.EvaluateAsync<int>(
            "() => Object.keys(localStorage).filter((name) => name.startsWith('studio.payment.')).length")).Should().Be(0);
    }

    [Test]
    public async Task A_payment_waits_for_its_user_while_others_are_signed_in()
    {
        var email = StudioPage.NewEmail();
        var tab = await OpenPageAsync();
        await tab.SignUpAsync(email);
        await tab.UploadToneAsync();
        var charged = await LoseResponseAsync(tab);
        await tab.Draw.ClickAsync();
        await charged;
        await tab.SignOutAsync();
        var keys = CollectKeys();

        await tab.SignUpAsync(StudioPage.NewEmail());
        await tab.UploadToneAsync();
        await Expect(tab.Draw).ToContainTextAsync("the waveform");
        await tab.SignOutAsync();
        keys.Should().BeEmpty("the payment belongs to another user");
        await tab.SignInAsync(email);

        await tab.IsDrawnAsync();
        await tab.ShowsAsync("ready", "95");
        keys.Distinct().Should().ContainSingle();
    }

    [Test]
    public async Task Two_tabs_that_count_at_the_same_time_lose_no_count()
    {
        var tab = await OpenStudioAsync();
        var other = await OpenPageAsync();
        await other.ShowsAsync("ready", "100");

        await using (await BlockedTab.BlockAsync(
            other.Page, before: "const { countPayment } = await import('/score.js');", after: "countPayment('second');"))
        {
            await tab.Page.EvaluateAsync("async () => (await import('/score.js')).countPayment('first')");
        }

        await Expect(tab.Score("payments")).ToHaveTextAsync("2");
        await Expect(other.Score("payments")).ToHaveTextAsync("2");
    }

    [Test]
    public async Task Held_credits_are_shown_beside_the_balance()
    {
        var tab = await OpenStudioAsync();
        using var sound = new SoundFile(TimeSpan.FromSeconds(290));
        await tab.UploadAsync(sound.Path);
        await tab.Page.EvaluateAsync(RecordHeld);

        // On a busy machine, a payment can end before the page reads the balance.
        var seen = Array.Empty<string>();
        for (var payment = 1; payment <= 5 && !seen.Contains("5 held"); payment++)
        {
            await tab.DrawAsync();
            await tab.ShowsAsync("ready", $"{100 - (5 * payment)}");
            seen = await tab.Page.EvaluateAsync<string[]>("() => held");
        }

        seen.Should().Contain("5 held");
        await Expect(tab.Page.Locator("#held")).ToBeHiddenAsync();
    }

    [Test]
    public async Task Without_credits_the_page_shows_a_way_on()
    {
        var tab = await OpenStudioAsync();
        var name = await tab.Page.EvaluateAsync<string>("() => JSON.parse(localStorage.getItem('studio.last')).name");
        var token = await tab.AccessTokenAsync();
        for (var payment = 0; payment < 20; payment++)
        {
            await Studio.PayAsync(token, name);
        }

        await tab.Page.ReloadAsync();

        await tab.ShowsAsync("ready", "0");
        await Expect(tab.Page.Locator("#poor")).ToBeVisibleAsync();
        await Expect(tab.Draw).ToHaveAttributeAsync("aria-disabled", "true");

        await tab.Button("Get 100 credits").ClickAsync();

        await tab.ShowsAsync("ready", "100");
        await Expect(tab.Page.Locator("#poor")).ToBeHiddenAsync();
        await Expect(tab.Draw).ToHaveAttributeAsync("aria-disabled", "false");
        await Expect(tab.Draw).ToBeFocusedAsync();
    }

    /// <summary>The server charges the next payment, and its response never reaches the page.</summary>
    /// <returns>A task that completes when the server has charged the payment.</returns>
    private static async Task<Task> LoseResponseAsync(StudioPage tab)
    {
        var charged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isLost = false;
        await tab.Page.RouteAsync("**/api/waveforms", async route =>
        {
            // The route stays in place, because the browser would continue the lost request without it.
            if (isLost)
            {
                await route.ContinueAsync();
                return;
            }

            isLost = true;
            await route.FetchAsync();
            charged.SetResult();
        });
        return charged.Task;
    }

    private ConcurrentQueue<string> CollectKeys()
    {
        var keys = new ConcurrentQueue<string>();
        Context.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/api/waveforms", StringComparison.Ordinal))
            {
                keys.Enqueue(request.Headers["idempotency-key"]);
            }
        };
        return keys;
    }
}
