using Microsoft.Playwright;
using NUnit.Framework;
using TestRequirements;

namespace SessionRecovery.BrowserTests;

/// <summary>
/// Starts the Chromium browser that all tests share. Each test has its own browser context, and therefore its own signed-in user.
/// </summary>
[SetUpFixture]
internal sealed class SharedBrowser
{
    public const float PatienceMs = 45_000;

    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--mute-audio",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private static IBrowser? _browser;

    private IPlaywright? _playwright;

    public static async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions? options = null)
    {
        var context = await _browser!.NewContextAsync(options);
        context.SetDefaultTimeout(PatienceMs);
        context.SetDefaultNavigationTimeout(PatienceMs);
        return context;
    }

    [OneTimeSetUp]
    public async Task LaunchAsync()
    {
        var chromium = FindChromium();
        Requirement.Met(chromium is null
            ? "There is no Chromium at /usr/bin/chromium; install it, or set CHROMIUM_PATH to its path."
            : null);
        Assertions.SetDefaultExpectTimeout(PatienceMs);
        _playwright = await Playwright.CreateAsync();
        _browser =
            await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Headless = true, Args = Flags, Timeout = 60_000 });
    }

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
    }

    private static string? FindChromium() =>
        Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } chosen
            ? File.Exists(chosen) ? chosen : null
            : File.Exists("/usr/bin/chromium") ? "/usr/bin/chromium" : null;
}
