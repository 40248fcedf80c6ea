using System.Collections.Concurrent;

namespace RestartDrill.Points.Server;

/// <summary>
/// Stops each marked request at its point, and reports the points that were reached. After the report, the drill kills a process. If the
/// server still runs after the kill, the drill lets the stopped requests continue. The class is thread-safe.
/// </summary>
internal sealed class KillPoints
{
    /// <summary>
    /// The request header with the name of the point at which the server stops. A repeated request does not have this header, so the server
    /// does not stop again.
    /// </summary>
    public const string Header = "Kill-Point";

    private readonly AsyncLocal<Visit?> _visit = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _overtaken = new(StringComparer.Ordinal);
    private ConcurrentQueue<KillPoint> _reached = new();
    private TaskCompletionSource _continue = NewSignal();

    public IReadOnlyList<KillPoint> Reached => [.. _reached];

    /// <summary>Gets a value that indicates whether the code runs on behalf of a marked request.</summary>
    public bool IsMarked => _visit.Value is not null;

    /// <summary>
    /// Marks the current request as a request that stops at a point. The mark is removed when the caller's asynchronous method ends.
    /// </summary>
    public void Mark(KillPoint point) => _visit.Value = new Visit(point);

    public bool IsOnTheWayTo(KillPoint point) => _visit.Value?.Point == point;

    /// <summary>Stops the request if the given point is the point of the request.</summary>
    /// <returns><see langword="true"/> if the request stopped and continues after a kill.</returns>
    public async Task<bool> StopAsync(KillPoint point)
    {
        if (_visit.Value?.TryStop(point) != true)
        {
            return false;
        }

        var signal = _continue;
        Reach(point);
        await signal.Task;
        return true;
    }

    public void Reach(KillPoint point) => _reached.Enqueue(point);

    /// <summary>Waits until the handler of another request with the same key runs.</summary>
    public Task WaitForOtherAsync(string key) => _overtaken.GetOrAdd(key, static _ => NewSignal()).Task;

    /// <summary>If a request with the same key waits, the method lets that request continue and stops the current request.</summary>
    public async Task OvertakeAsync(string key)
    {
        if (_overtaken.TryRemove(key, out var waiting))
        {
            var signal = _continue;
            waiting.SetResult();
            await signal.Task;
        }
    }

    /// <summary>Lets all stopped requests continue.</summary>
    public void Continue()
    {
        _reached = new ConcurrentQueue<KillPoint>();
        Interlocked.Exchange(ref _continue, NewSignal()).SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
