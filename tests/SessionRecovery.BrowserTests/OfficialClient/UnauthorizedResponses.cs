using Microsoft.Playwright;

namespace SessionRecovery.BrowserTests.OfficialClient;

/// <summary>
/// Counts the tabs of a browser that received a 401, separately for each token. Each round of a test has its own token, so a late response
/// counts for the round in which it was requested.
/// </summary>
internal sealed class UnauthorizedResponses
{
    private const string Bearer = "Bearer ";

    private readonly Lock _lock = new();
    private readonly HashSet<(string Token, IPage Tab)> _seen = [];
    private readonly List<(string Token, int Tabs, TaskCompletionSource Done)> _awaited = [];

    public UnauthorizedResponses(IBrowserContext browser, string[] servers)
    {
        browser.Response += (_, response) =>
        {
            if (response.Status == 401
                && Array.Exists(servers, server => response.Url.StartsWith($"{server}/", StringComparison.Ordinal))
                && response.Request.Headers.TryGetValue("authorization", out var sent)
                && sent.StartsWith(Bearer, StringComparison.Ordinal))
            {
                Add(sent[Bearer.Length..], response.Frame.Page);
            }
        };
    }

    /// <summary>Returns the number of tabs that received a 401 for the given token.</summary>
    public int CountTabs(string token)
    {
        lock (_lock)
        {
            return Count(token);
        }
    }

    /// <summary>Returns a task that completes when the given number of tabs have received a 401 for the given token.</summary>
    public Task UntilAsync(string token, int tabs)
    {
        lock (_lock)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((token, tabs, done));
            return done.Task;
        }
    }

    private void Add(string token, IPage tab)
    {
        lock (_lock)
        {
            _seen.Add((token, tab));
            foreach (var (_, _, done) in _awaited.Where(awaited => Count(awaited.Token) >= awaited.Tabs))
            {
                done.TrySetResult();
            }
        }
    }

    private int Count(string token) => _seen.Count(seen => seen.Token == token);
}
