using System.Reflection;
using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;

namespace SessionRecovery.BrowserTests.StudioTests;

/// <summary>
/// Takes the pictures of the README, and stores them in <c>docs/images</c>. The test runs only when it is selected:
/// <c>dotnet test tests/SessionRecovery.BrowserTests --filter ReadmePictures</c>.
/// </summary>
[TestFixture]
[Explicit("The test changes files of the repository.")]
internal sealed class ReadmePictures : StudioTest
{
    private const int MaxBytes = 150_000;

    private static readonly string Folder = typeof(ReadmePictures).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static metadata => metadata.Key == "ImagesFolder").Value!;

    [Test]
    public async Task Take()
    {
        var tab = await OpenStudioAsync();
        await tab.Page.SetViewportSizeAsync(1280, 640);
        await tab.Button("Play").ClickAsync();
        await tab.DrawAsync();
        await tab.WaitUntilPlayedPastAsync(2.5);
        await tab.Kill.ClickAsync();
        await tab.SurvivalAsync();
        await tab.WaitUntilPlayedPastAsync(await tab.PlaybackAsync() + 1);
        await tab.Button("Pull the plug mid-payment").ClickAsync();
        await tab.SurvivalAsync();
        await tab.WaitUntilPlayedPastAsync(await tab.PlaybackAsync() + 1);
        await SaveAsync(tab, "survived.png", clip: null);

        await tab.Page.Locator("#hood summary").ClickAsync();
        await tab.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await SaveAsync(tab, "recorded.png", tab.Page.Locator("#hood"));
    }

    private static async Task SaveAsync(StudioPage tab, string name, ILocator? clip)
    {
        var path = Path.Combine(Folder, name);
        await (clip is null
            ? tab.Page.ScreenshotAsync(new() { Path = path, Animations = ScreenshotAnimations.Disabled })
            : clip.ScreenshotAsync(new() { Path = path, Animations = ScreenshotAnimations.Disabled }));
        new FileInfo(path).Length.Should().BeLessThan(MaxBytes);
    }
}
