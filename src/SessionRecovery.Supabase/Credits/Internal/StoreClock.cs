namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>
/// Estimates the difference between the clock of the database and the clock of this process, so that the deadline of a command can be sent
/// on the clock of the database. The class is thread-safe.
/// </summary>
/// <remarks>
/// Every response with the time of the database limits the difference: the database read its clock after the request was sent and before
/// the response arrived. The latest time that is consistent with all responses is used, so that a deadline is never too early. If a
/// response contradicts earlier responses, a clock was set, and the earlier responses are forgotten.
/// </remarks>
internal sealed class StoreClock(TimeProvider time)
{
    private readonly Lock _gate = new();
    private (TimeSpan Min, TimeSpan Max)? _difference;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Takes the time of the database from a response, if the response has one.</summary>
    /// <param name="sentAt">The time of this process before the request was sent.</param>
    /// <param name="asOf">The time of the database, or the default value.</param>
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

    /// <summary>Converts a time of this process to the latest time that the clock of the database may show then.</summary>
    public DateTimeOffset? ToStore(DateTimeOffset? moment)
    {
        lock (_gate)
        {
            return moment + (_difference?.Max ?? TimeSpan.Zero);
        }
    }
}
