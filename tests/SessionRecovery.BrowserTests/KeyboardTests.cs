using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests;

/// <summary>
/// Tests the page without a mouse. The user must be able to reach every control with Tab and activate it with Enter, and the focus must be
/// visible.
/// </summary>
[TestFixture]
internal sealed class KeyboardTests
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
          return seen && focused.checkVisibility() ? focused.id || focused.value || focused.className : null;
        })()
        """;

    private Studio _studio = null!;
    private IBrowserContext _context = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _studio = await Studio.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_studio is not null)
        {
            await _studio.DisposeAsync();
        }
    }

    [SetUp]
    public async Task OpenAsync() => _context = await SharedBrowser.NewContextAsync();

    [TearDown]
    public Task CloseAsync() => Screenshots.CloseAsync(_context);

    [Test]
    public async Task Keyboard_users_sign_in_and_draw_waveforms_with_visible_focus()
    {
        var email = StudioPage.NewEmail();
        var tab = await StudioPage.OpenAsync(_context, _studio);
        var keys = tab.Page.Keyboard;
        await Expect(tab.Light).ToHaveAttributeAsync("data-state", "signed-out");

        await TabToAsync(tab, "email");
        await keys.TypeAsync(email);
        await TabToAsync(tab, "password");
        await keys.TypeAsync(StudioPage.Password);
        await TabToAsync(tab, "sign-up");
        await keys.PressAsync("Enter");
        await tab.ShowsAsync("ready", "100");

        await TabToAsync(tab, "sign-out", "Shift+Tab");
        await keys.PressAsync("Enter");
        await Expect(tab.Page.GetByLabel("E-mail")).ToBeFocusedAsync();
        await Expect(tab.Page.GetByLabel("E-mail")).ToHaveValueAsync(email);
        await TabToAsync(tab, "password");
        await keys.TypeAsync(StudioPage.Password);
        await keys.PressAsync("Enter");
        await tab.ShowsAsync("ready", "100");

        await TabToAsync(tab, "tone");
        await keys.PressAsync("Enter");
        await Expect(tab.Button("Draw waveform – 5 credits")).ToBeEnabledAsync();
        await TabToAsync(tab, "draw", "Shift+Tab");
        await keys.PressAsync("Enter");
        await tab.IsDrawnAsync();
        await tab.ShowsAsync("ready", "95");

        await TabToAsync(tab, "seek", "Shift+Tab");
        await keys.PressAsync("ArrowRight");
        await TabToAsync(tab, "play");
        await keys.PressAsync("Enter");
        await tab.WaitUntilPlayedPastAsync(0.3);
        await TabToAsync(tab, "crash");
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
