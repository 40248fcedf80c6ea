namespace SupabaseStandIn.Control;

/// <summary>Represents a fault that is applied to matching requests. If no count is set, the fault applies until it is cleared.</summary>
public sealed record Fault(FaultKind Kind)
{
    public ServiceName Service { get; init; } = ServiceName.All;

    /// <summary>Gets the HTTP method of matching requests, or null if the fault applies to all methods.</summary>
    public string? Method { get; init; }

    /// <summary>
    /// Gets the path prefix of matching requests, for example <c>/rpc/consume_credits</c>, or null if the fault applies to all paths.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>Gets the number of requests after which the fault ends.</summary>
    public int? Count { get; init; }

    /// <summary>Gets the delay for a fault of type <see cref="FaultKind.Slow"/>.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the HTTP status for a fault of type <see cref="FaultKind.Status"/>.</summary>
    public int Status { get; init; } = 502;

    /// <summary>
    /// Gets the value of Retry-After for faults of type <see cref="FaultKind.Status"/> and <see cref="FaultKind.TooManyRequests"/>.
    /// </summary>
    public string? RetryAfter { get; init; }
}
