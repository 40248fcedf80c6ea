namespace RestartDrill.Ledgers;

/// <summary>Represents one waveform, for which the user must be charged once, independent of repeats and restarts.</summary>
internal sealed class Payment
{
    private readonly List<string> _keys = [Guid.NewGuid().ToString()];

    /// <summary>Gets the idempotency keys of the payment. A payment has several keys only if the client loses its key.</summary>
    public IReadOnlyList<string> Keys => _keys;

    public string Key => _keys[^1];

    /// <summary>Gets or sets a value that indicates whether the client has stored a response.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>Gets or sets the number of excess charges that were already reported, so that no excess charge is reported twice.</summary>
    public long Reported { get; set; }

    public void ForgetKey() => _keys.Add(Guid.NewGuid().ToString());
}
