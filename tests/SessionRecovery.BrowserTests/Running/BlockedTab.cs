using Microsoft.Playwright;

namespace SessionRecovery.BrowserTests.Running;

/// <summary>
/// A tab whose main thread waits for a synchronous request. It handles no event and no response, and it does not see what other tabs store,
/// until this object is disposed.
/// </summary>
internal sealed class BlockedTab : IAsyncDisposable
{
    private readonly TaskCompletionSource _blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _script = Task.CompletedTask;

    /// <summary>Blocks a tab.</summary>
    /// <param name="page">The page in the tab.</param>
    /// <param name="before">The statements that the page executes before it is blocked.</param>
    /// <param name="after">The statements that the page executes before it handles any event that it missed.</param>
    public static async Task<BlockedTab> BlockAsync(IPage page, string before = "", string after = "")
    {
        var tab = new BlockedTab();
        await page.RouteAsync("**/blocks-the-tab", async route =>
        {
            tab._blocked.TrySetResult();
            await tab._released.Task;
            await route.FulfillAsync(new() { Status = 204 });
        }, new() { Times = 1 });
        tab._script = page.EvaluateAsync(
            $$"""
            async () => {
              {{before}}
              const request = new XMLHttpRequest();
              request.open('GET', '/blocks-the-tab', false);
              request.send();
              {{after}}
            }
            """);
        if (await Task.WhenAny(tab._script, tab._blocked.Task) == tab._script)
        {
            await tab._script;
            throw new InvalidOperationException("The page was not blocked.");
        }

        return tab;
    }

    public async ValueTask DisposeAsync()
    {
        _released.TrySetResult();
        await _script;
    }
}
