namespace RestartDrill.Ledgers;

/// <summary>One waveform that a user pays for once, across all repeats and restarts.</summary>
internal sealed class Payment
{
    private readonly List<string> _keys = [Guid.NewGuid().ToString()];

    /// <summary>The idempotency keys. There is one, or several when the client loses its key.</summary>
    public IReadOnlyList<string> Keys => _keys;

    public string Key => _keys[^1];

    /// <summary>Gets or sets a value that indicates whether the client has stored a response.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>The reported number of excess charges. It prevents duplicate reports.</summary>
    public long Reported { get; set; }

    public void ForgetKey() => _keys.Add(Guid.NewGuid().ToString());
}
