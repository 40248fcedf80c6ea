using RestartDrill.Results;

namespace RestartDrill.Clients;

/// <summary>
/// Repeats what a user clicked until it succeeded, as <c>session.fetch</c> of the browser module does: with the same key, after lost
/// responses, and after responses by which the application or a proxy requests a retry. A click that has no success within the module's
/// retry budget has failed. Thread-safe.
/// </summary>
internal sealed class Clicks(Findings findings, TimeProvider time)
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();

    public int Count { get; private set; }

    public int Repeated { get; private set; }

    public TimeSpan Slowest { get; private set; }

    /// <param name="attempt">Sends the request. Returns <see langword="true"/> if it succeeded.</param>
    /// <param name="stop">Cancels the click.</param>
    public async Task RunAsync(Func<Task<bool>> attempt, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        var isRepeated = false;
        while (!await attempt())
        {
            isRepeated = true;
            if (time.GetElapsedTime(started) > Budget)
            {
                findings.Add(FindingKind.FailedClick, "A click had no success within the retry budget.");
                break;
            }

            await Task.Delay(RetryDelay, time, stop);
        }

        lock (_gate)
        {
            Count++;
            Repeated += isRepeated ? 1 : 0;
            Slowest = time.GetElapsedTime(started) is var duration && duration > Slowest ? duration : Slowest;
        }
    }
}
