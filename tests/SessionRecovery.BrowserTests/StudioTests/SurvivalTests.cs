using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.StudioTests;

/// <summary>Tests what the page shows of a crash: the card, the score, the band in the waveform and the recording.</summary>
[TestFixture]
internal sealed class SurvivalTests : StudioTest
{
    /// <summary>The text of the counter, without the unit, at every change.</summary>
    private const string RecordCounter = """
        () => {
          globalThis.counts = [];
          new MutationObserver(() => counts.push(document.getElementById('counter').textContent))
            .observe(document.getElementById('counter'), { childList: true, characterData: true, subtree: true });
        }
        """;

    [Test]
    public async Task The_crash_is_counted_in_tenths_and_painted_into_the_waveform()
    {
        var tab = await OpenStudioAsync();
        await tab.Button("Play").ClickAsync();
        await tab.DrawAsync();
        await tab.WaitUntilPlayedPastAsync(1);
        await tab.Page.EvaluateAsync(RecordCounter);
        var begin = await tab.PlaybackAsync();

        await tab.Kill.ClickAsync();
        await tab.SurvivalAsync();

        var end = await tab.PlaybackAsync();
        await Expect(tab.Page.Locator("#ticks li")).ToHaveTextAsync(
            ["Still signed in", "95 credits", "Sound never stopped", "Nothing charged"]);
        var counts = (await tab.Page.EvaluateAsync<string[]>("() => counts"))
            .Select(static text => double.Parse(text.Replace(" s", string.Empty), CultureInfo.InvariantCulture)).ToArray();
        counts.Should().HaveCountGreaterThan(3).And.BeInAscendingOrder();
        await Expect(tab.Page.Locator("#bands .band")).ToHaveCountAsync(1);
        await Expect(tab.Page.Locator("#band-labels span")).ToHaveTextAsync(counts[^1].ToString("F1", CultureInfo.InvariantCulture) + " s");
        var band = await tab.BandAsync();
        band.From.Should().BeInRange(begin - 0.3, begin + 0.8);
        band.To.Should().BeInRange(band.From, end + 0.3, "the band ends where the sound was at the return");
    }

    [Test]
    public async Task The_score_survives_a_reload_and_counts_a_crash_once_for_all_tabs()
    {
        var tab = await OpenStudioAsync();
        var other = await OpenPageAsync();
        await other.ShowsAsync("ready", "100");
        await tab.Page.BringToFrontAsync();
        await tab.DrawAsync();

        await tab.Kill.ClickAsync();
        await tab.SurvivalAsync();
        var duration = (await tab.Page.Locator("#counter").TextContentAsync())!;
        await other.Page.BringToFrontAsync();
        await other.Page.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))");
        await other.ShowsAsync("ready", "95");
        await tab.Page.ReloadAsync();
        await tab.ShowsAsync("ready", "95");

        await Expect(tab.Score("crashes")).ToHaveTextAsync("1");
        await Expect(tab.Score("payments")).ToHaveTextAsync("1");
        await Expect(tab.Score("twice")).ToHaveTextAsync("0");
        await Expect(tab.Score("signed-out")).ToHaveTextAsync("0");
        await Expect(other.Score("crashes")).ToHaveTextAsync("1");
        await Expect(tab.Page.Locator("#survival-title")).ToHaveTextAsync("Server killed · back in");
        await Expect(tab.Page.Locator("#counter")).ToHaveTextAsync(duration);
        await Expect(tab.Page.Locator("#ticks li").First).ToHaveTextAsync("Still signed in");
        await Expect(tab.Page.Locator("#waterfall")).ToContainTextAsync("POST /studio/crash");
    }

    [Test]
    public async Task A_kill_from_a_shell_is_noticed_by_an_idle_page()
    {
        var tab = await OpenStudioAsync();

        await Studio.KillAsync();

        (await tab.SurvivalAsync()).Should().MatchRegex(
            @"^Server restarted, back (in|within) \d\.\d s\. Still signed in\. 100 credits\. No sound was playing\. Nothing charged\.$");
        await Expect(tab.Score("crashes")).ToHaveTextAsync("1");
        await Expect(tab.Kill).ToHaveAttributeAsync("data-step", "done");
    }

    [Test]
    public async Task A_slow_network_is_not_an_outage()
    {
        var tab = await OpenStudioAsync();
        await tab.Page.EvaluateAsync(
            """
            () => {
              globalThis.troubles = 0;
              new MutationObserver(() => { troubles += 1; }).observe(document.getElementById('trouble'), { attributes: true });
            }
            """);
        var network = await Context.NewCDPSessionAsync(tab.Page);
        await network.SendAsync("Network.emulateNetworkConditions", new()
        {
            ["offline"] = false, ["latency"] = 2_300, ["downloadThroughput"] = 50_000, ["uploadThroughput"] = 50_000,
        });

        await tab.DrawAsync();

        await tab.ShowsAsync("ready", "95");
        (await tab.Page.EvaluateAsync<int>("() => troubles")).Should().Be(0);
    }

    [Test]
    public async Task Credits_that_another_device_spent_are_no_second_charge()
    {
        var tab = await OpenStudioAsync();
        await tab.DrawAsync();
        await tab.ShowsAsync("ready", "95");
        var token = await tab.AccessTokenAsync();
        await tab.Page.RouteAsync("**/studio/crash", async route =>
        {
            await Studio.PayAsync(token, await NameAsync(tab));
            await route.ContinueAsync();
        });
        await tab.Kill.ClickAsync();

        (await tab.SurvivalAsync()).Should().Contain("Still signed in. 90 credits. ").And.NotContain("harged");
        await Expect(tab.Score("twice")).ToHaveTextAsync("0");
    }

    [Test]
    public async Task A_key_that_the_statement_has_twice_is_reported()
    {
        var tab = await OpenStudioAsync();
        await tab.Page.RouteAsync("**/auth/credits/history**", async route =>
        {
            var response = await route.FetchAsync();
            var page = JsonNode.Parse(await response.TextAsync())!;
            var entries = page["entries"]!.AsArray();
            var charge = entries.FirstOrDefault(static entry => entry!["kind"]!.GetValue<string>() == "capture");
            if (charge is not null)
            {
                entries.Add(charge.DeepClone());
            }

            await route.FulfillAsync(new() { Response = response, Body = page.ToJsonString() });
        });

        await tab.Button("Pull the plug mid-payment").ClickAsync();

        (await tab.SurvivalAsync()).Should().EndWith("Charged twice: 1 payment.");
        await Expect(tab.Score("twice")).ToHaveTextAsync("1");
    }

    [Test]
    public async Task A_payment_that_begins_during_the_crash_is_not_a_second_charge()
    {
        var tab = await OpenStudioAsync();

        await tab.Kill.ClickAsync();
        await tab.Draw.ClickAsync();

        (await tab.SurvivalAsync()).Should().Contain("95 credits. ").And.Contain(". Charged once");
        await Expect(tab.Score("payments")).ToHaveTextAsync("1");
        await Expect(tab.Score("twice")).ToHaveTextAsync("0");
    }

    [Test]
    public async Task A_payment_of_another_tab_is_not_a_second_charge()
    {
        var tab = await OpenStudioAsync();
        var other = await OpenPageAsync();
        await other.ShowsAsync("ready", "100");
        await tab.DrawAsync();
        await tab.ShowsAsync("ready", "95");
        await other.ShowsAsync("ready", "95");

        await other.Kill.ClickAsync();

        (await other.SurvivalAsync()).Should().Contain("Still signed in. 95 credits. ");
        await Expect(other.Score("twice")).ToHaveTextAsync("0");
    }

    [Test]
    public async Task The_next_studio_shows_nothing_of_the_last_one()
    {
        var tab = await OpenStudioAsync();
        await tab.Button("Pull the plug mid-payment").ClickAsync();
        await tab.SurvivalAsync();

        await tab.Button("Sign out").ClickAsync();
        await tab.Button("Leave and lose it").ClickAsync();
        await tab.OpenStudioAsync();

        await Expect(tab.Page.Locator("#survival-title")).ToHaveTextAsync("No crash yet.");
        await Expect(tab.Page.Locator("#facts dd")).ToHaveCountAsync(0);
        await Expect(tab.Wave).ToHaveAttributeAsync("data-drawn", "false");
        await Expect(tab.Score("crashes")).ToHaveTextAsync("0");
    }

    [Test]
    public async Task The_recording_shows_both_processes_and_the_one_key()
    {
        var tab = await OpenStudioAsync();
        var epoch = await Studio.EpochAsync();
        await tab.Button("Pull the plug mid-payment").ClickAsync();
        await tab.SurvivalAsync();

        await tab.Page.Locator("#hood summary").ClickAsync();

        var facts = await tab.Page.Locator("#facts dd").AllTextContentsAsync();
        facts[0].Should().Be($"{epoch[..8]}… → {(await Studio.EpochAsync())[..8]}…");
        facts[1].Should().MatchRegex(@"^\d+ → \d+$").And.NotMatchRegex(@"^(\d+) → \1$");
        facts[3].Should().MatchRegex("^[0-9a-f]{8}…, sent [1-9]");
        facts[4].Should().MatchRegex(@"^entry \d+: 5 credits charged$");
        await Expect(tab.Page.Locator("#waterfall")).ToContainTextAsync("POST /studio/crash");
        await Expect(tab.Page.Locator("#waterfall")).ToContainTextAsync("POST /api/waveforms");
        (await tab.Page.Locator("#waterfall .span").CountAsync()).Should().BeGreaterThan(4);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task The_recording_of_a_long_outage_keeps_its_first_requests(bool isBehindProxy)
    {
        var tab = await OpenStudioAsync();
        var sent = 0;
        await tab.Page.RouteAsync("**/{api,auth,session}/**", route =>
        {
            sent += route.Request.Url.EndsWith("/api/waveforms", StringComparison.Ordinal) ? 1 : 0;
            return isBehindProxy ? route.FulfillAsync(new() { Status = 502 }) : route.AbortAsync();
        });
        await tab.Draw.ClickAsync();
        await Expect(tab.Survival).ToHaveAttributeAsync("data-state", "away");

        var counted = await tab.Page.EvaluateAsync<int>(
            """
            async () => {
              const { recordedFetch, attempts } = await import('/traffic.js');
              for (let sent = 0; sent < 400; sent++) {
                await recordedFetch('/session/health').catch(() => {});
              }

              return attempts.length;
            }
            """);
        await tab.Page.UnrouteAllAsync();
        await tab.SurvivalAsync();

        counted.Should().BeLessThan(400, "the recording has a limit");
        await tab.Page.Locator("#hood summary").ClickAsync();
        var facts = await tab.Page.Locator("#facts dd").AllTextContentsAsync();
        facts.Should().ContainMatch($"*…, sent {sent + 1} times", "one attempt reached the server, and {0} were lost", sent);
        var counts = Regex.Match(facts[2], "^([0-9]+) attempts, ([0-9]+) lost$").Groups;
        int.Parse(counts[1].Value, CultureInfo.InvariantCulture).Should().BeGreaterThan(400);
        int.Parse(counts[2].Value, CultureInfo.InvariantCulture).Should().Match(lost => isBehindProxy ? lost == 0 : lost >= 400);
    }

    [Test]
    public async Task The_shown_code_is_the_code_of_the_sample()
    {
        var tab = await OpenStudioAsync();
        await tab.Page.Locator("#hood summary").ClickAsync();
        await Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);

        await tab.Button("Copy the C# code").ClickAsync();

        var copied = await tab.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()");
        var program = await File.ReadAllTextAsync(Path.Combine(SampleFolder, "Program.cs"));
        var lines = copied.Split('\n');
        lines.Should().HaveCount(2);
        program.Should().Contain(lines[0][..lines[0].IndexOf('"')]).And.Contain(lines[1]);
        var module = await File.ReadAllTextAsync(Path.Combine(SampleFolder, "wwwroot", "session.js"));
        module.Should().Contain("from '/session/session-recovery.js';").And.Contain("export const session = createSession({ adapter: ");
        using var documentation = new HttpClient();
        var link = await tab.Page.EvaluateAsync<string>("() => document.querySelector('#documentation a').href");
        (await documentation.GetStringAsync(link)).Should().StartWith("# Getting started");
    }

    [Test]
    public async Task A_screen_reader_is_told_the_crash_story()
    {
        var tab = await OpenStudioAsync();
        await tab.DrawAsync();
        await tab.Kill.ClickAsync();
        await tab.SurvivalAsync();

        await Expect(tab.Survival).ToMatchAriaSnapshotAsync(
            """
            - region /Server killed · back in/:
              - heading "Crashes" [level=2]
              - list:
                - listitem: crashes survived 1
                - listitem: payments 1
                - listitem: charged twice 0
                - listitem: signed out 0
              - paragraph: Server killed · back in
              - list:
                - listitem: Still signed in
                - listitem: 95 credits
                - listitem: No sound was playing
                - listitem: Nothing charged
              - status: /Server killed, back in \d+\.\d s\. Still signed in\. 95 credits\. No sound was playing\. Nothing charged\./
            """);
        await Expect(tab.Page.GetByRole(Microsoft.Playwright.AriaRole.Group, new() { Name = "Try it" })).ToMatchAriaSnapshotAsync(
            """
            - button "Play"
            - button "Draw again 5 credits"
            - button "Kill the server"
            """);
        await Expect(tab.Draw).ToHaveAccessibleDescriptionAsync("Done");
        await Expect(tab.Kill).ToHaveAccessibleDescriptionAsync("Done");
        await Expect(tab.Button("Play")).ToHaveAccessibleDescriptionAsync("");
        await Expect(tab.Button("Play")).Not.ToHaveAttributeAsync("aria-pressed", new Regex(".*"));
    }

    private static string SampleFolder => typeof(SurvivalTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static metadata => metadata.Key == "SampleFolder").Value!;

    private static async Task<string> NameAsync(StudioPage tab) => await tab.Page.EvaluateAsync<string>(
        "() => JSON.parse(localStorage.getItem('studio.last')).name");
}
