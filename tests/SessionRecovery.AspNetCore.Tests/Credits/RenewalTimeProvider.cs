using Microsoft.Extensions.Time.Testing;
using SessionRecovery.AspNetCore.Credits.Internal;

namespace SessionRecovery.AspNetCore.Tests.Credits;

/// <summary>
/// A clock that counts how often a renewal was scheduled. A test that moves the clock before the next renewal is scheduled would wait
/// forever for that renewal.
/// </summary>
internal sealed class RenewalTimeProvider() : FakeTimeProvider(DateTimeOffset.UtcNow)
{
    private int _scheduled;

    /// <summary>Gets the number of times that a renewal was scheduled, including the first of each reservation.</summary>
    public int Scheduled => Volatile.Read(ref _scheduled);

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        return state is ReservationRenewal ? new CountedTimer(this, timer) : timer;
    }

    private sealed class CountedTimer(RenewalTimeProvider time, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = timer.Change(dueTime, period);
            Interlocked.Increment(ref time._scheduled);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
