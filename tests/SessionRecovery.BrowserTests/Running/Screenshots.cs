using Microsoft.Playwright;
using NUnit.Framework;
using NUnit.Framework.Interfaces;

namespace SessionRecovery.BrowserTests.Running;

/// <summary>Saves screenshots in the output folder of the test.</summary>
internal static class Screenshots
{
    /// <summary>Closes a browser context. If the test failed, screenshots of all pages are saved first.</summary>
    public static async Task CloseAsync(IBrowserContext context)
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed)
        {
            for (var index = 0; index < context.Pages.Count; index++)
            {
                await TakeAsync(context.Pages[index], $"failed-{TestContext.CurrentContext.Test.ID}-{index}");
            }
        }

        await context.CloseAsync();
    }

    public static async Task TakeAsync(IPage page, string name)
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "artifacts", "screenshots", $"{name}.png");
        await page.EvaluateAsync("scrollTo(0, 0)");
        await page.ScreenshotAsync(new() { Path = path, FullPage = true, Animations = ScreenshotAnimations.Disabled });
        TestContext.AddTestAttachment(path);
    }
}
