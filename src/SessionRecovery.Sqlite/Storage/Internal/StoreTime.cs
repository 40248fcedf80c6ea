namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Converts between <see cref="DateTimeOffset"/> and the integers that the tables store, which count units of 100 ns since 1970 UTC.
/// </summary>
internal static class StoreTime
{
    public static long ToStore(this DateTimeOffset moment) => moment.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;

    public static DateTimeOffset FromStore(long value) => DateTimeOffset.UnixEpoch.AddTicks(value);
}
