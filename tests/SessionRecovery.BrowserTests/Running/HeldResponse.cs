using Microsoft.Playwright;

namespace SessionRecovery.BrowserTests.Running;

/// <summary>Sends one request to the server, and holds its response until the test releases it.</summary>
internal sealed class HeldResponse : IDisposable
{
    private readonly TaskCompletionSource _fetched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Holds the response of the first request of the page to the given address.</summary>
    public static async Task<HeldResponse> HoldAsync(IPage page, string address)
    {
        var response = new HeldResponse();
        await page.RouteAsync(address, response.HandleAsync, new() { Times = 1 });
        return response;
    }

    /// <summary>Waits until the server has responded.</summary>
    public Task WhenRespondedAsync() => _fetched.Task.WaitAsync(TimeSpan.FromMilliseconds(SharedBrowser.PatienceMs));

    public void Release() => _released.TrySetResult();

    public void Dispose() => Release();

    private async Task HandleAsync(IRoute route)
    {
        var response = await route.FetchAsync();
        _fetched.TrySetResult();
        await _released.Task;
        await route.FulfillAsync(new() { Response = response });
    }
}
