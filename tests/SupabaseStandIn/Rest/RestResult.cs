namespace SupabaseStandIn.Rest;

/// <summary>What a plan yielded.</summary>
internal sealed record RestResult(long? Total, long Rows, string? Body, string? Headers, string? Status, long Inserted, string? Location);
