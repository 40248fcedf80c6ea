namespace RestartDrill.Books;

/// <summary>One waveform that a user wants once, whatever happens on the way.</summary>
internal sealed class Payment
{
    private readonly List<string> _keys = [Guid.NewGuid().ToString()];

    /// <summary>One; more only when a client forgets its key.</summary>
    public IReadOnlyList<string> Keys => _keys;

    public string Key => _keys[^1];

    /// <summary>Whether the client has an answer that it kept.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>What was already reported about this payment, so that it is reported once.</summary>
    public long Reported { get; set; }

    public void ForgetKey() => _keys.Add(Guid.NewGuid().ToString());
}
