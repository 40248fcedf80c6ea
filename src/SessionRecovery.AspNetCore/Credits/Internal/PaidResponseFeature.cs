using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Replaces the response feature while the handler of a paid endpoint runs, and records the callbacks of <c>OnStarting</c>. If the credits
/// are captured before the response starts, these callbacks run before the capture, so that a callback can still settle the request or make
/// it fail.
/// </summary>
internal sealed class PaidResponseFeature(IHttpResponseFeature inner) : IHttpResponseFeature
{
    private readonly List<Func<Task>> _starting = [];

    public int StatusCode { get => inner.StatusCode; set => inner.StatusCode = value; }

    public string? ReasonPhrase { get => inner.ReasonPhrase; set => inner.ReasonPhrase = value; }

    public IHeaderDictionary Headers { get => inner.Headers; set => inner.Headers = value; }

    [Obsolete("The interface requires the member. The framework uses IHttpResponseBodyFeature.")]
    public Stream Body { get => inner.Body; set => inner.Body = value; }

    public bool HasStarted => inner.HasStarted;

    public void OnStarting(Func<object, Task> callback, object state)
    {
        var hasRun = false;
        Task RunOnceAsync()
        {
            var isFirst = !hasRun;
            hasRun = true;
            return isFirst ? callback(state) : Task.CompletedTask;
        }

        inner.OnStarting(static run => ((Func<Task>)run)(), (Func<Task>)RunOnceAsync);
        lock (_starting)
        {
            _starting.Add(RunOnceAsync);
        }
    }

    public void OnCompleted(Func<object, Task> callback, object state) => inner.OnCompleted(callback, state);

    /// <summary>
    /// Runs the callbacks of <c>OnStarting</c> that have not run yet. As in the web server, the callback that was registered last runs
    /// first.
    /// </summary>
    public async Task RunStartingAsync()
    {
        while (TakeLast() is { } run)
        {
            await run().ConfigureAwait(false);
        }
    }

    private Func<Task>? TakeLast()
    {
        lock (_starting)
        {
            if (_starting.Count == 0)
            {
                return null;
            }

            var last = _starting[^1];
            _starting.RemoveAt(_starting.Count - 1);
            return last;
        }
    }
}
