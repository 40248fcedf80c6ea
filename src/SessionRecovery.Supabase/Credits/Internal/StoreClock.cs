namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>
/// Estimates the difference between the clock of the database and the clock of this process, so that the deadline of a command can be sent
/// on the clock of the database. The class is thread-safe.
/// </summary>
/// <remarks>
/// The database reads its clock after a request was sent and before the response arrives. Every response with the time of the database
/// therefore limits the possible difference of the clocks. A deadline is converted to the latest time that is consistent with all
/// responses, so that it is never too early. If a response contradicts earlier responses, one of the clocks was changed, and the earlier
/// responses are ignored.
/// </remarks>
internal sealed class StoreClock(TimeProvider time)
{
    private readonly Lock _gate = new();
    private (TimeSpan Min, TimeSpan Max)? _difference;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Observes the time of the database in a response.</summary>
    /// <param name="sentAt">The time of this process before the request was sent.</param>
    /// <param name="asOf">The time of the database, or the default value if the response contains no time.</param>
    public void Observe(DateTimeOffset sentAt, DateTimeOffset asOf)
    {
        if (asOf == default)
        {
            return;
        }

        var (min, max) = (asOf - Now, asOf - sentAt);
        lock (_gate)
        {
            _difference = _difference is { } known && known.Min <= max && min <= known.Max
                ? (min > known.Min ? min : known.Min, max < known.Max ? max : known.Max)
                : (min, max);
        }
    }

    /// <summary>
    /// Converts a time on the clock of this process to the latest time that the clock of the database may show at the same moment.
    /// </summary>
    public DateTimeOffset? ToStore(DateTimeOffset? moment)
    {
        lock (_gate)
        {
            return moment + (_difference?.Max ?? TimeSpan.Zero);
        }
    }
}
