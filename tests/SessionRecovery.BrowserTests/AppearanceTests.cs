using Deque.AxeCore.Playwright;
using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests;

/// <summary>
/// Tests the appearance of the page on a phone and on a desktop, in light and dark mode, for signed-out and signed-in users. Screenshots
/// are stored in <c>artifacts/screenshots</c>.
/// </summary>
[TestFixture(390, 844)]
[TestFixture(1280, 800)]
internal sealed class AppearanceTests(int width, int height)
{
    private const string UncoveredTitle = """
        (() => {
          const title = document.getElementById('player-title');
          const { left, top, height } = title.getBoundingClientRect();
          return document.elementFromPoint(left + 5, top + height / 2) === title;
        })()
        """;

    private Studio _studio = null!;
    private IBrowserContext _context = null!;

    private bool IsPhone => width < 600;

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
    public async Task OpenAsync() => _context = await SharedBrowser.NewContextAsync(new()
    {
        ViewportSize = new() { Width = width, Height = height },
        DeviceScaleFactor = IsPhone ? 2 : 1,
        IsMobile = IsPhone,
        HasTouch = IsPhone,
    });

    [TearDown]
    public Task CloseAsync() => Screenshots.CloseAsync(_context);

    [Test]
    public async Task Signed_out_page_fits_and_is_accessible()
    {
        var tab = await StudioPage.OpenAsync(_context, _studio);
        await Expect(tab.Light).ToHaveAttributeAsync("data-state", "signed-out");

        await CheckPageAsync(tab, "signed-out", tab.Page.GetByLabel("E-mail"), tab.Page.GetByLabel("Password"), tab.Button("Sign in"),
            tab.Button("Create account"));
    }

    [Test]
    public async Task Signed_in_page_fits_and_is_accessible()
    {
        var tab = await StudioPage.OpenAsync(_context, _studio);
        await tab.SignUpAsync(StudioPage.NewEmail());
        (await tab.Page.EvaluateAsync<bool>(UncoveredTitle))
            .Should().BeTrue("the bar must not cover the content that replaces the sign-in form");
        await CheckPageAsync(tab, "signed-in-empty", tab.Balance, tab.Button("Use a test tone"), tab.Button("Choose a file"));

        await tab.UploadToneAsync();
        await tab.DrawAsync();
        await tab.ShowsAsync("ready", "95");
        await tab.Button("Crash the server").ClickAsync();
        await Expect(tab.Log).ToContainTextAsync("95 credits, as before.");
        await tab.ShowsAsync("ready", "95");

        await CheckPageAsync(tab, "signed-in", tab.Balance, tab.Button("Sign out"), tab.Button("Play"),
            tab.Button("Draw again – 5 credits"), tab.Button("Crash the server"));
    }

    /// <summary>
    /// Each page is checked in both color schemes without a reload, because the page follows a change of the system setting immediately.
    /// </summary>
    private async Task CheckPageAsync(StudioPage tab, string state, params ILocator[] controls)
    {
        await CheckPageAsync(tab, ColorScheme.Light, state, controls);
        await CheckPageAsync(tab, ColorScheme.Dark, state, controls);
    }

    private async Task CheckPageAsync(StudioPage tab, ColorScheme scheme, string state, ILocator[] controls)
    {
        await tab.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await Screenshots.TakeAsync(tab.Page, $"{(IsPhone ? "phone" : "desktop")}-{scheme}-{state}".ToLowerInvariant());
        (await tab.Page.EvaluateAsync<int>("document.scrollingElement.scrollWidth"))
            .Should().BeLessThanOrEqualTo(width, "the page must not be wider than the window");
        foreach (var control in controls)
        {
            await Expect(control).ToBeVisibleAsync();
            var box = (await control.BoundingBoxAsync())!;
            box.X.Should().BeGreaterThanOrEqualTo(0);
            (box.X + box.Width).Should().BeLessThanOrEqualTo(width);
        }

        (await tab.Page.RunAxe()).Violations
            .Select(static violation => $"{violation.Id}: {string.Join("; ", violation.Nodes.Select(static node => node.Html))}")
            .Should().BeEmpty();
    }
}
