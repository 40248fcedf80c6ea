using System.Collections.Concurrent;
using SupabaseStandIn.Database;

namespace SupabaseStandIn.Auth;

/// <summary>Limits requests with a token bucket for each IP address and route. A rejected request takes no token from the bucket.</summary>
internal sealed class RateLimiter(StandInClock clock)
{
    private readonly ConcurrentDictionary<(string Route, string Address), Bucket> _buckets = new();

    public void Check(string route, string address, int burst, TimeSpan refill)
    {
        var bucket = _buckets.GetOrAdd((route, address), _ => new Bucket { Left = burst, At = clock.Now });
        lock (bucket)
        {
            bucket.Left = Math.Min(burst, bucket.Left + ((clock.Now - bucket.At) / refill));
            bucket.At = clock.Now;
            if (bucket.Left < 1)
            {
                throw new AuthException(429, "over_request_rate_limit", "Request rate limit reached");
            }

            bucket.Left--;
        }
    }

    private sealed class Bucket
    {
        public double Left { get; set; }

        public DateTimeOffset At { get; set; }
    }
}
