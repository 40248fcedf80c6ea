using FluentAssertions;

namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>Repeats an operation in the background during the steps of a test, until it is stopped.</summary>
internal sealed class Repeated
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private readonly Task _work;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _rounds;

    private Repeated(Func<int, Task> round, CancellationToken stop)
    {
        _work = Task.Run(
            async () =>
            {
                for (var count = 0; !stop.IsCancellationRequested; count++)
                {
                    await round(count);
                    Interlocked.Increment(ref _rounds);
                    Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
                        .SetResult();
                }
            },
            CancellationToken.None);
    }

    public static Repeated Start(Func<int, Task> round, CancellationToken stop) => new(round, stop);

    /// <summary>Waits until the operation has been repeated the given number of times.</summary>
    public async Task WaitForRoundsAsync(int rounds)
    {
        var goal = Volatile.Read(ref _rounds) + rounds;
        while (Volatile.Read(ref _rounds) < goal)
        {
            var next = Volatile.Read(ref _next).Task;
            if (Volatile.Read(ref _rounds) < goal && await Task.WhenAny(next, _work) == _work)
            {
                await _work;
                _work.IsCompleted.Should().BeFalse("the operation repeats until it is stopped");
            }
        }
    }

    /// <summary>Waits until the condition is true after a repetition of the operation.</summary>
    public async Task WaitUntilAsync(Func<bool> condition)
    {
        var limit = TimeProvider.System.GetUtcNow() + Timeout;
        while (!condition())
        {
            TimeProvider.System.GetUtcNow().Should().BeBefore(limit, "the condition must become true within {0}", Timeout);
            await WaitForRoundsAsync(1);
        }
    }

    /// <summary>Waits for the end of the last repetition. The method throws an exception if a repetition has failed.</summary>
    public Task WaitForEndAsync() => _work;
}
