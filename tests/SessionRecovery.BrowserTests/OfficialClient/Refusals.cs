using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace SessionRecovery.BrowserTests.OfficialClient;

/// <summary>How often each server answered a request of this browser with 401.</summary>
internal sealed class Refusals
{
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private int _expected;
    private TaskCompletionSource _enough = new();

    public Refusals(IBrowserContext browser, string[] servers)
    {
        browser.Response += (_, response) =>
        {
            if (response.Status == 401 && Array.Find(servers, server => response.Url.StartsWith($"{server}/", StringComparison.Ordinal)) is { } refuser)
            {
                _counts.AddOrUpdate(refuser, 1, static (_, count) => count + 1);
                if (_counts.Values.Sum() >= _expected)
                {
                    _enough.TrySetResult();
                }
            }
        };
    }

    public int Of(string server) => _counts.GetValueOrDefault(server);

    /// <summary>Counts from nothing again; the task is done when there are so many.</summary>
    public Task AwaitAnew(int count)
    {
        _counts.Clear();
        _expected = count;
        _enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _enough.Task;
    }
}
