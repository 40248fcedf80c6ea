namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>Thrown if the database temporarily cannot be used. Nothing was read or written.</summary>
internal abstract class DatabaseUnavailableException(string message) : Exception(message);
