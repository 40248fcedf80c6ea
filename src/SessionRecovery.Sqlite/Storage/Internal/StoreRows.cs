namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>Represents the rows of a query, which are read one by one. The query must end before its statement is used again.</summary>
internal readonly ref struct StoreRows(StoreStatement statement)
{
    /// <summary>Moves to the next row. Returns <see langword="false"/> after the last row.</summary>
    public bool Read() => statement.Step();

    public bool IsDBNull(int column) => statement.IsNull(column);

    public int GetInt32(int column) => checked((int)statement.GetInt64(column));

    public long GetInt64(int column) => statement.GetInt64(column);

    public string GetString(int column) => statement.GetString(column);

    public byte[] GetBytes(int column) => statement.GetBytes(column);

    public void Dispose() => statement.Reset();
}
