namespace SupabaseStandIn.Rest;

/// <summary>A statement that yields rows, and how its answer looks.</summary>
/// <param name="Sql">The parameters.</param>
/// <param name="Source">The statement whose rows are the answer.</param>
internal sealed record RestPlan(Sql Sql, string Source)
{
    /// <summary>A statement that yields one row per row to count; null if nobody asked.</summary>
    public string? CountSource { get; init; }

    /// <summary>Limit and offset of a source that is counted whole.</summary>
    public string Page { get; init; } = string.Empty;

    public bool IsReadOnly { get; init; }

    public string Isolation { get; init; } = "read committed";

    public long Offset { get; init; }

    /// <summary>How the rows become one JSON text.</summary>
    public string Body { get; init; } = "coalesce(json_agg(_t), '[]')::text";

    /// <summary>Columns of the source that are answered; all if it has none of our own beside them.</summary>
    public string Columns { get; init; } = "*";

    /// <summary>How many rows are new, as SQL over the source.</summary>
    public string Inserted { get; init; } = "count(*)";

    /// <summary>The query string of the <c>Location</c> header, as SQL over the source.</summary>
    public string Location { get; init; } = "null::text";

    public string Statement =>
        $"""
        with pgrst_source as ({Source})
        select {(CountSource is null ? "null::bigint" : $"(select count(*) from ({CountSource}) as pgrst_count)")}, count(_t), {Body},
            nullif(current_setting('response.headers', true), ''), nullif(current_setting('response.status', true), ''),
            (select {Inserted} from pgrst_source), (select {Location} from pgrst_source limit 1)
        from (select {Columns} from pgrst_source{Page}) as _t
        """;
}
