namespace SupabaseStandIn.Control;

/// <summary>A failure to come. Without a count it stays until it is cleared.</summary>
public sealed record Fault(FaultKind Kind)
{
    public ServiceName Service { get; init; } = ServiceName.All;

    /// <summary>Only requests with this method; null for all.</summary>
    public string? Method { get; init; }

    /// <summary>Only requests whose path behind the prefix begins so, e.g. <c>/rpc/consume_credits</c>; null for all.</summary>
    public string? Path { get; init; }

    /// <summary>How many requests it meets before it ends by itself.</summary>
    public int? Count { get; init; }

    /// <summary>For <see cref="FaultKind.Slow"/>.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For <see cref="FaultKind.Status"/>.</summary>
    public int Status { get; init; } = 502;

    /// <summary>For <see cref="FaultKind.Status"/> and <see cref="FaultKind.TooManyRequests"/>.</summary>
    public string? RetryAfter { get; init; }
}
