using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;

namespace SessionRecovery.BrowserTests.StudioTests;

/// <summary>The base class for tests that use one studio for the fixture, and a browser context for each test.</summary>
internal abstract class StudioTest
{
    private Studio? _studio;

    protected Studio Studio => _studio ?? throw new InvalidOperationException("The studio was not started.");

    protected IBrowserContext Context { get; private set; } = null!;

    /// <summary>Gets the options of the browser context of each test.</summary>
    protected virtual BrowserNewContextOptions? ContextOptions => null;

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
    public async Task OpenAsync() => Context = await SharedBrowser.NewContextAsync(ContextOptions);

    [TearDown]
    public Task CloseAsync() => Screenshots.CloseAsync(Context);

    /// <summary>Opens the page in a new tab.</summary>
    protected Task<StudioPage> OpenPageAsync() => StudioPage.OpenAsync(Context, Studio);

    /// <summary>Opens the page in a new tab, and a studio without a form.</summary>
    protected async Task<StudioPage> OpenStudioAsync()
    {
        var tab = await OpenPageAsync();
        await tab.OpenStudioAsync();
        return tab;
    }
}
