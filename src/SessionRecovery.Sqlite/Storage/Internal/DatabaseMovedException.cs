namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>A file of the open database was deleted, moved or replaced. Nothing was read or written.</summary>
internal sealed class DatabaseMovedException(string path)
    : DatabaseUnavailableException($"'{path}' was deleted, moved or replaced while the application uses it.");
