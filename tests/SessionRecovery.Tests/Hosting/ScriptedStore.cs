using System.Collections.Concurrent;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Tests.Hosting;

/// <summary>
/// A credit store that returns scripted results. With <see cref="Gate"/>, a read stops after it has read its value and before it returns
/// the value.
/// </summary>
internal sealed class ScriptedStore : ICreditStore
{
    private readonly ConcurrentQueue<TaskCompletionSource> _stopped = new();
    private readonly SemaphoreSlim _arrivals = new(0);
    private int _reads;
    private int _commands;

    public Func<UserSession, CreditReadResult> Read { get; set; } = _ => CreditReadResult.Unavailable;

    public Func<CreditCommand, CreditCommandResult> Apply { get; set; } = _ => CreditCommandResult.Unknown;

    public bool Gate { get; set; }

    public int Reads => Volatile.Read(ref _reads);

    public int Commands => Volatile.Read(ref _commands);

    public async ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        var seen = Read(session);
        if (Gate)
        {
            var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _stopped.Enqueue(stop);
            _arrivals.Release();
            await stop.Task.WaitAsync(cancellationToken);
        }

        return seen;
    }

    public ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _commands);
        return new(Apply(command));
    }

    /// <summary>Waits until a read has stopped at the gate.</summary>
    public Task WaitForReadAsync() => _arrivals.WaitAsync(TimeSpan.FromSeconds(30)).ContinueWith(
        static arrived => _ = arrived.Result ? true : throw new TimeoutException("No read arrived at the gate."), TaskScheduler.Default);

    /// <summary>Lets the first read that has stopped at the gate continue.</summary>
    public void ReleaseRead()
    {
        if (!_stopped.TryDequeue(out var stop))
        {
            throw new InvalidOperationException("No read stands at the gate.");
        }

        stop.SetResult();
    }
}
