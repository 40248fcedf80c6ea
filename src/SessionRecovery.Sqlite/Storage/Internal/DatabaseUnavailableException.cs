namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>The database cannot be used for a while. Nothing was read or written.</summary>
internal abstract class DatabaseUnavailableException(string message) : Exception(message);
