namespace SupabaseStandIn.Rest;

/// <summary>The result of a <see cref="RestPlan"/>.</summary>
internal sealed record RestResult(long? Total, long Rows, string? Body, string? Headers, string? Status, long Inserted, string? Location);
