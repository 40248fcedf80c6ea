using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.StudioTests;

/// <summary>
/// Tests the page without a mouse. The user must be able to reach every control with Tab and activate it with Enter, and the focus must be
/// visible.
/// </summary>
[TestFixture]
internal sealed class KeyboardTests : StudioTest
{
    private const int MaxStops = 40;

    /// <summary>
    /// Returns the id of the focused element, or null if the focus is not visible. The position slider is only a thin line, so the image
    /// around it shows the focus ring.
    /// </summary>
    private const string Focus = """
        (() => {
          const focused = document.activeElement;
          const ring = (element) => { const { outlineStyle, outlineWidth } = getComputedStyle(element); return outlineStyle !== 'none' &&
              parseFloat(outlineWidth) > 0; };
          const seen = focused.matches(':focus-visible') && (ring(focused) || ring(focused.parentElement));
          return seen && focused.checkVisibility() ? focused.id || focused.parentElement.id || focused.value || focused.className : null;
        })()
        """;

    [Test]
    public async Task Keyboard_users_live_through_a_crash_with_visible_focus()
    {
        var tab = await OpenPageAsync();
        var keys = tab.Page.Keyboard;
        await Expect(tab.Light).ToHaveAttributeAsync("data-state", "signed-out");

        await TabToAsync(tab, "open");
        await keys.PressAsync("Enter");
        await tab.ShowsAsync("ready", "100");
        await Expect(tab.Draw).ToHaveAttributeAsync("aria-disabled", "false");
        await Expect(tab.Page.Locator("#seek")).ToBeEnabledAsync();
        await TabToAsync(tab, "seek");
        await keys.PressAsync("ArrowRight");
        await TabToAsync(tab, "play");
        await keys.PressAsync("Enter");
        await tab.WaitUntilPlayedPastAsync(5.3);
        await TabToAsync(tab, "draw");
        await keys.PressAsync("Enter");
        await tab.IsDrawnAsync();
        await Expect(tab.Draw).ToBeFocusedAsync();
        await tab.ShowsAsync("ready", "95");
        await TabToAsync(tab, "kill");
        await keys.PressAsync("Space");
        (await tab.SurvivalAsync()).Should().EndWith("Still signed in. 95 credits. Sound never stopped. Nothing charged.");
        await Expect(tab.Kill).ToBeFocusedAsync();
        await TabToAsync(tab, "kill-paying");
        await TabToAsync(tab, "hood");
        await keys.PressAsync("Enter");
        await Expect(tab.Page.Locator("#waterfall")).ToBeVisibleAsync();
    }

    [Test]
    public async Task Keyboard_users_keep_a_studio_and_sign_in_again()
    {
        var email = StudioPage.NewEmail();
        var tab = await OpenPageAsync();
        var keys = tab.Page.Keyboard;
        await Expect(tab.Light).ToHaveAttributeAsync("data-state", "signed-out");
        await keys.PressAsync("Enter");
        await tab.ShowsAsync("ready", "100");

        await TabToAsync(tab, "keep", "Shift+Tab");
        await keys.PressAsync("Enter");
        await Expect(tab.Page.Locator("#keep-email")).ToBeFocusedAsync();
        await keys.TypeAsync(email);
        await TabToAsync(tab, "keep-password");
        await keys.TypeAsync(StudioPage.Password);
        await keys.PressAsync("Enter");
        await Expect(tab.Button("Sign out")).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        await Expect(tab.Page.Locator("#password")).ToBeFocusedAsync();
        await keys.TypeAsync(StudioPage.Password);
        await keys.PressAsync("Enter");

        await tab.ShowsAsync("ready", "100");
    }

    private static async Task TabToAsync(StudioPage tab, string id, string key = "Tab")
    {
        var stops = new List<string>();
        while (stops.Count < MaxStops)
        {
            await tab.Page.Keyboard.PressAsync(key);
            var stop = await tab.Page.EvaluateAsync<string?>(Focus);
            stop.Should().NotBeNull($"the focus must be visible after {string.Join(", ", stops)}");
            if (stop == id)
            {
                return;
            }

            stops.Add(stop!);
        }

        Assert.Fail($"'{id}' is not reached by {key}, only {string.Join(", ", stops.Distinct())}.");
    }
}
