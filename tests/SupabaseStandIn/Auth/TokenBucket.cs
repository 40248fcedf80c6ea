using SupabaseStandIn.Database;

namespace SupabaseStandIn.Auth;

/// <summary>So many requests at once, then one every two seconds; a refusal does not extend the wait.</summary>
internal sealed class TokenBucket(StandInClock clock)
{
    private const double PerSecond = 0.5;

    private readonly Lock _lock = new();
    private double? _left;
    private DateTimeOffset _at;

    public bool Take(int burst)
    {
        lock (_lock)
        {
            var now = clock.Now;
            _left = Math.Min(burst, (_left ?? burst) + ((now - _at).TotalSeconds * (_left is null ? 0 : PerSecond)));
            _at = now;
            if (_left < 1)
            {
                return false;
            }

            _left--;
            return true;
        }
    }
}
