namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>Times as the tables store them: units of 100 ns since 1970 UTC, the resolution of <see cref="DateTimeOffset"/>.</summary>
internal static class StoreTime
{
    public static long ToStore(this DateTimeOffset moment) => moment.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;

    public static DateTimeOffset FromStore(long value) => DateTimeOffset.UnixEpoch.AddTicks(value);
}
