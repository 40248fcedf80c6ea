namespace SupabaseStandIn.Rest;

/// <summary>Represents the result of running a <see cref="RestPlan"/>.</summary>
internal sealed record RestResult(long? Total, long Rows, string? Body, string? Headers, string? Status, long Inserted, string? Location);
