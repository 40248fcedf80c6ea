using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.StudioTests;

/// <summary>
/// Tests that every state of the page fits the window and is accessible, from a small phone to a wide screen, in light and dark mode and
/// with forced colors. 320 × 256 pixels are a window of 1280 × 1024 pixels at 400 % zoom, and 640 × 512 pixels the same window at 200 %.
/// If the environment variable <c>SCREENSHOTS</c> is set, a picture of every state is stored in <c>artifacts/screenshots</c>.
/// </summary>
[TestFixture(320, 568)]
[TestFixture(320, 256)]
[TestFixture(360, 740)]
[TestFixture(390, 844)]
[TestFixture(640, 512)]
[TestFixture(768, 1024)]
[TestFixture(1280, 800)]
[TestFixture(2560, 1440)]
internal sealed class AppearanceTests(int width, int height) : StudioTest
{
    private const double MinTarget = 44;

    /// <summary>The controls that are smaller than a finger. Links in a sentence and the visually hidden skip link are exempt.</summary>
    private const string SmallTargets = """
        (least) => [...document.querySelectorAll('button, summary, input:not([type=range]):not([hidden])')]
          .filter((control) => control.checkVisibility())
          .map((control) => ({ name: control.id || control.textContent.trim(), box: control.getBoundingClientRect() }))
          .filter(({ box }) => box.height < least || box.width < least)
          .map(({ name, box }) => `${name}: ${box.width} × ${box.height}`)
        """;

    private const string PrimaryActions = """
        [...document.querySelectorAll('button.primary')].filter((button) => button.checkVisibility())
          .map((button) => button.textContent.trim())
        """;

    private const string IsCounterSeen = """
        () => {
          const { x, y, width, height } = document.getElementById('counter').getBoundingClientRect();
          return document.elementFromPoint(x + width / 2, y + height / 2)?.id === 'counter';
        }
        """;

    private bool IsPhone => width <= 640 && height >= 480;

    /// <summary>
    /// Gets the appearances that axe checks. Colors do not depend on the size, so all of them are checked on a phone and on a desktop. At
    /// the zoomed and intermediate sizes, only the layout is checked.
    /// </summary>
    private (ColorScheme Scheme, ForcedColors Colors)[] Appearances => (width, height) switch
    {
        (390, _) or (1280, _) =>
            [(ColorScheme.Light, ForcedColors.None), (ColorScheme.Dark, ForcedColors.None), (ColorScheme.Light, ForcedColors.Active)],
        (320, 256) or (360, _) or (640, _) => [],
        _ => [(ColorScheme.Dark, ForcedColors.None)],
    };

    protected override BrowserNewContextOptions ContextOptions => new()
    {
        ViewportSize = new() { Width = width, Height = height },
        IsMobile = IsPhone,
        HasTouch = IsPhone,
        ReducedMotion = ReducedMotion.Reduce,
    };

    [Test]
    public async Task Every_state_fits_and_is_accessible()
    {
        var tab = await OpenPageAsync();
        await Expect(tab.Light).ToHaveAttributeAsync("data-state", "signed-out");
        await CheckAsync(tab, "1-welcome", "Open the studio");
        await tab.Page.Locator("#show-sign").ClickAsync();
        await CheckAsync(tab, "2-sign-in", "Sign in");

        await tab.OpenStudioAsync();
        await CheckAsync(tab, "3-opened", "1 Play");
        using var sound = new SoundFile(TimeSpan.FromSeconds(30), LongestName());
        await tab.UploadAsync(sound.Path);
        await CheckAsync(tab, "4-long-name", "1 Play");
        await tab.Button("Play").ClickAsync();
        await tab.WaitUntilPlayedPastAsync(0.3);
        await tab.DrawAsync();
        await tab.ShowsAsync("ready", "95");
        await CheckAsync(tab, "5-drawn", "3 Kill the server");
        await tab.Page.Locator("#hood summary").ClickAsync();
        await tab.Kill.ClickAsync();
        await tab.SurvivalAsync();
        if (IsPhone)
        {
            (await tab.Page.EvaluateAsync<bool>(IsCounterSeen)).Should().BeTrue("nothing may cover the result of a kill");
        }

        await CheckAsync(tab, "6-survived", "✓ Kill the server");
        await Context.SetOfflineAsync(true);
        await Expect(tab.Trouble).ToBeVisibleAsync();
        await CheckAsync(tab, "7-offline", "✓ Kill the server");
        await Context.SetOfflineAsync(false);
        await Expect(tab.Trouble).ToBeHiddenAsync();
        await tab.Page.Locator(".delete").First.ClickAsync();
        await CheckFitAsync(tab, "8-undo", "✓ Kill the server");
        await tab.Button("Undo").ClickAsync();
        await tab.Button("Keep this studio").ClickAsync();
        await CheckAsync(tab, "9-keep", "✓ Kill the server", "Keep");
    }

    /// <summary>The longest name that the store accepts, without a place at which a line could break.</summary>
    private static string LongestName() => $"interview-with-anna-{new string('w', 160)}.wav";

    private async Task CheckAsync(StudioPage tab, string state, params string[] primaryActions)
    {
        await CheckFitAsync(tab, state, primaryActions);
        foreach (var (scheme, colors) in Appearances)
        {
            await tab.Page.EmulateMediaAsync(new() { ColorScheme = scheme, ForcedColors = colors });
            var name = $"{width}x{height}-{state}-{(colors == ForcedColors.Active ? "forced" : scheme)}".ToLowerInvariant();
            if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 })
            {
                await Screenshots.TakeAsync(tab.Page, name);
            }

            (await Accessibility.FindViolationsAsync(tab.Page)).Should().BeEmpty("{0} must be accessible", name);
        }

        await tab.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ForcedColors = ForcedColors.None });
    }

    private async Task CheckFitAsync(StudioPage tab, string state, params string[] primaryActions)
    {
        (await tab.Page.EvaluateAsync<int>("document.scrollingElement.scrollWidth"))
            .Should().BeLessThanOrEqualTo(width, "the page must not scroll sideways in {0}", state);
        (await tab.Page.EvaluateAsync<string[]>(SmallTargets, MinTarget)).Should().BeEmpty("a control must be large enough in {0}", state);
        (await tab.Page.EvaluateAsync<string[]>(PrimaryActions))
            .Select(static text => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))
            .Should().BeEquivalentTo(primaryActions, "{0} has one primary action", state);
    }
}
