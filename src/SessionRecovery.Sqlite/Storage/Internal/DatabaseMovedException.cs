namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Thrown when a file of the open database was deleted, moved or replaced. The rejected operation did not read or write the database.
/// </summary>
internal sealed class DatabaseMovedException(string path)
    : DatabaseUnavailableException($"'{path}' was deleted, moved or replaced while the application uses it.");
