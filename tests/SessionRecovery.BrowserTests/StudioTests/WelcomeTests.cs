using System.Collections.Concurrent;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.StudioTests;

/// <summary>Tests the ways into the studio and out of it.</summary>
[TestFixture]
internal sealed class WelcomeTests : StudioTest
{
    [Test]
    public async Task Enter_opens_a_studio_without_a_form()
    {
        var tab = await OpenPageAsync();
        await Expect(tab.Light).ToHaveAttributeAsync("data-state", "signed-out");
        await Expect(tab.Page.Locator("#sign")).ToBeHiddenAsync();

        await tab.Page.Keyboard.PressAsync("Enter");

        await tab.ShowsAsync("ready", "100");
        await Expect(tab.Page.Locator("#player-title")).ToHaveTextAsync("Test tone");
        await Expect(tab.Button("Play")).ToHaveAttributeAsync("aria-disabled", "false");
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.WaitUntilPlayedPastAsync(0.2);
    }

    [Test]
    public async Task An_early_click_opens_the_studio_later()
    {
        var released = new TaskCompletionSource();
        await Context.RouteAsync("**/studio/info", async route =>
        {
            await released.Task;
            await route.ContinueAsync();
        });
        var tab = await OpenPageAsync();

        await tab.Button("Open the studio").ClickAsync();
        released.SetResult();

        await tab.ShowsAsync("ready", "100");
        await Expect(tab.Page.Locator("#files li")).ToHaveCountAsync(1);
    }

    [Test]
    public async Task An_opening_studio_waits_for_the_server_or_is_canceled()
    {
        var tab = await OpenPageAsync();
        var emails = new ConcurrentQueue<string>();
        var isBack = false;
        await tab.Page.RouteAsync("**/register", async route =>
        {
            if (isBack)
            {
                await route.ContinueAsync();
                return;
            }

            // The first response is lost after the server has created the account.
            if (emails.IsEmpty)
            {
                await route.FetchAsync();
            }

            emails.Enqueue(JsonDocument.Parse(route.Request.PostData!).RootElement.GetProperty("email").GetString()!);
            await route.AbortAsync("connectionrefused");
        });

        await tab.Button("Open the studio").ClickAsync();
        await Expect(tab.Page.Locator("#trouble-text"))
            .ToHaveTextAsync("The server is away. Your studio opens as soon as the server is back.");
        await Expect(tab.Page.Locator("#light-text")).ToHaveTextAsync("Server away");
        await tab.Button("Cancel").ClickAsync();
        await Expect(tab.Trouble).ToBeHiddenAsync();
        await Expect(tab.Page.Locator("#open-note")).ToBeEmptyAsync();
        await Expect(tab.Button("Open the studio")).ToBeFocusedAsync();

        emails.Clear();
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page.Locator("#trouble-text")).ToContainTextAsync("The server is away.");
        isBack = true;
        await tab.ShowsAsync("ready", "100");
        emails.Distinct().Should().ContainSingle("the repeats must not create a second account");
        await Expect(tab.Score("crashes")).ToHaveTextAsync("0");
    }

    [Test]
    public async Task An_address_typed_during_a_slow_sign_out_is_kept()
    {
        var tab = await OpenPageAsync();
        await tab.SignUpAsync(StudioPage.NewEmail());
        await tab.Page.EvaluateAsync(
            """
            async () => {
              const { session } = await import('/session.js');
              const signOut = session.signOut.bind(session);
              session.signOut = () => { globalThis.signedOut = signOut(); return signedOut; };
            }
            """);
        using var end = await HeldResponse.HoldAsync(tab.Page, "**/session/end");

        await tab.SignOutAsync();
        await end.WhenRespondedAsync();
        await tab.Page.Locator("#email").FillAsync("other@example.com");
        end.Release();
        await tab.Page.EvaluateAsync("() => signedOut");

        await Expect(tab.Page.Locator("#email")).ToHaveValueAsync("other@example.com");
        await Expect(tab.Page.Locator("#email")).ToBeFocusedAsync();
    }

    [Test]
    public async Task Other_tabs_follow_the_user_who_signs_in_and_out()
    {
        var tab = await OpenPageAsync();
        var other = await OpenPageAsync();
        await tab.OpenStudioAsync();
        await Expect(other.Page.Locator("#player-title")).ToHaveTextAsync("Test tone");
        await tab.Kill.ClickAsync();
        await tab.SurvivalAsync();
        await other.SurvivalAsync();

        await other.Button("Keep this studio").ClickAsync();
        await tab.Button("Sign out").ClickAsync();
        await tab.Page.Locator("#leave").ClickAsync();
        await Expect(other.Light).ToHaveAttributeAsync("data-state", "signed-out");
        await Expect(other.Page.Locator("#keep-dialog")).ToBeHiddenAsync();

        await tab.Button("Open the studio").ClickAsync();
        await other.ShowsAsync("ready", "100");
        await Expect(other.Survival).ToHaveAttributeAsync("data-state", "none");
        await Expect(other.Page.Locator("#recorded")).ToBeHiddenAsync();
        await tab.Button("Keep this studio").ClickAsync();
        await tab.Page.Locator("#keep-email").FillAsync(StudioPage.NewEmail());
        await tab.Page.Locator("#keep-password").FillAsync(StudioPage.Password);
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(other.Page.Locator("#keep")).ToBeHiddenAsync();
    }

    [Test]
    public async Task A_kept_studio_keeps_session_sound_credits_and_files()
    {
        var email = StudioPage.NewEmail();
        var tab = await OpenStudioAsync();
        await tab.Button("Play").ClickAsync();
        await tab.DrawAsync();
        await tab.ShowsAsync("ready", "95");
        var token = await tab.AccessTokenAsync();

        await tab.Button("Keep this studio").ClickAsync();
        await tab.Page.Locator("#keep-email").FillAsync(email);
        await tab.Page.Locator("#keep-password").FillAsync(StudioPage.Password);
        await Context.SetOfflineAsync(true);
        await tab.Page.Keyboard.PressAsync("Enter");

        await Expect(tab.Page.Locator("#keep-dialog .trouble-text"))
            .ToHaveTextAsync("You are offline. Your studio is kept as soon as the server is back.");
        await Context.SetOfflineAsync(false);
        await Expect(tab.Page.Locator("#keep-dialog")).ToBeHiddenAsync();
        await Expect(tab.Page.Locator("#keep")).ToBeHiddenAsync();
        (await tab.AccessTokenAsync()).Should().Be(token, "the session must not end");
        await tab.WaitUntilPlayedPastAsync(await tab.PlaybackAsync() + 0.2);
        await tab.SignOutAsync();
        await Expect(tab.Page.Locator("#email")).ToHaveValueAsync(email);
        await tab.SignInAsync(email);
        await tab.ShowsAsync("ready", "95");
        await Expect(tab.Page.Locator("#files li")).ToHaveCountAsync(1);
    }

    [Test]
    public async Task A_double_click_creates_one_account()
    {
        var tab = await OpenPageAsync();
        await tab.Page.Locator("#show-sign").ClickAsync();
        await tab.Page.Locator("#email").FillAsync(StudioPage.NewEmail());
        await tab.Page.Locator("#password").FillAsync(StudioPage.Password);

        await tab.Button("Create account").DblClickAsync();

        await tab.ShowsAsync("ready", "100");
    }

    [Test]
    public async Task Leaving_a_throw_away_studio_asks_first()
    {
        var tab = await OpenStudioAsync();

        await tab.Button("Sign out").ClickAsync();
        await Expect(tab.Page.Locator("#keep-instead")).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Tab");
        await Expect(tab.Button("Cancel")).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Tab");
        await Expect(tab.Button("Leave and lose it")).ToBeFocusedAsync();
        await tab.Button("Cancel").ClickAsync();
        await Expect(tab.Button("Sign out")).ToBeFocusedAsync();
        await tab.ShowsAsync("ready", "100");
        await tab.Button("Sign out").ClickAsync();
        await tab.Button("Leave and lose it").ClickAsync();

        await Expect(tab.Button("Open the studio")).ToBeFocusedAsync();
        await tab.Page.ReloadAsync();
        await Expect(tab.Button("Open the studio")).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("#studio")).ToBeHiddenAsync();
    }

    [Test]
    public async Task A_lost_session_says_why_and_fills_in_the_email()
    {
        var email = StudioPage.NewEmail();
        var tab = await OpenPageAsync();
        await tab.SignUpAsync(email);

        // The tokens become invalid, as they do when a server loses its keys.
        await tab.Page.EvaluateAsync(
            """
            () => {
              const name = Object.keys(localStorage).find((key) => key.startsWith('session-recovery:tokens:'));
              const tokens = JSON.parse(localStorage.getItem(name));
              localStorage.setItem(name, JSON.stringify({ ...tokens, accessToken: 'x', refreshToken: 'y' }));
            }
            """);
        await tab.Page.ReloadAsync();

        await Expect(tab.Page.Locator("#sign-reason"))
            .ToHaveTextAsync("You were signed out. The server no longer accepts this sign-in. Sign in again.");
        await Expect(tab.Page.Locator("#email")).ToHaveValueAsync(email);
        await Expect(tab.Page.Locator("#password")).ToBeFocusedAsync();
        await tab.Page.Keyboard.TypeAsync(StudioPage.Password);
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.ShowsAsync("ready", "100");
    }

    [Test]
    public async Task An_anonymous_Supabase_user_pays()
    {
        await using var studio = await Studio.StartAsync(onSupabase: true, static auth => auth.AnonymousSignIns = true);
        var tab = await StudioPage.OpenAsync(Context, studio);

        await tab.OpenStudioAsync();
        await tab.DrawAsync();

        await tab.ShowsAsync("ready", "95");
        await Expect(tab.Page.Locator("#keep")).ToBeHiddenAsync();
    }

    [Test]
    public async Task A_project_without_anonymous_sign_ins_asks_for_an_email()
    {
        await using var studio = await Studio.StartAsync(onSupabase: true);
        var tab = await StudioPage.OpenAsync(Context, studio);

        await tab.Button("Open the studio").ClickAsync();

        await Expect(tab.Page.Locator("#open-note"))
            .ToHaveTextAsync("This Supabase project allows no anonymous sign-ins. Sign in with an e-mail.");
        await Expect(tab.Page.Locator("#email")).ToBeFocusedAsync();
    }
}
