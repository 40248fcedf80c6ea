using RestartDrill.Results;

namespace RestartDrill.Clients;

/// <summary>
/// Repeats the request of a click until it succeeds, in the same way as <c>session.fetch</c> of the browser module. A request is repeated
/// with the same key after a lost response, and after a response with which the application or a proxy requests a retry. A click has failed
/// if its request does not succeed within the retry budget of the browser module. The class is thread-safe.
/// </summary>
internal sealed class Clicks(Findings findings, TimeProvider time)
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();

    public int Count { get; private set; }

    public int Repeated { get; private set; }

    public TimeSpan Slowest { get; private set; }

    /// <param name="attempt">A callback that sends the request and returns <see langword="true"/> if the request succeeded.</param>
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
