namespace SupabaseStandIn.Control;

/// <summary>A fault that applies to matching requests. Without a count it applies until it is cleared.</summary>
public sealed record Fault(FaultKind Kind)
{
    public ServiceName Service { get; init; } = ServiceName.All;

    /// <summary>Gets the method of matching requests, or null for all.</summary>
    public string? Method { get; init; }

    /// <summary>Gets the prefix of matching paths, for example <c>/rpc/consume_credits</c>, or null for all.</summary>
    public string? Path { get; init; }

    /// <summary>Gets the number of requests after which the fault ends.</summary>
    public int? Count { get; init; }

    /// <summary>Gets the delay of <see cref="FaultKind.Slow"/>.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the status of <see cref="FaultKind.Status"/>.</summary>
    public int Status { get; init; } = 502;

    /// <summary>Gets the Retry-After of <see cref="FaultKind.Status"/> and <see cref="FaultKind.TooManyRequests"/>.</summary>
    public string? RetryAfter { get; init; }
}
