namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>Thrown if the host is stopping and the next process owns the database. Nothing was read or written.</summary>
internal sealed class DatabaseHandedOverException()
    : DatabaseUnavailableException("The host is stopping, and the next process uses the credit database.");
