namespace SupabaseStandIn.Rest;

/// <summary>Represents an SQL statement that returns rows, and the format of the HTTP response.</summary>
/// <param name="Sql">The parameters of the statement.</param>
/// <param name="Source">The statement that returns the rows of the response.</param>
internal sealed record RestPlan(Sql Sql, string Source)
{
    /// <summary>Gets an SQL statement that returns the rows to count, or null if the request needs no count.</summary>
    public string? CountSource { get; init; }

    /// <summary>Gets the limit and the offset, which do not affect the count.</summary>
    public string Page { get; init; } = string.Empty;

    public bool IsReadOnly { get; init; }

    public string Isolation { get; init; } = "read committed";

    /// <summary>Gets the statement timeout of the called function, or null for that of the role.</summary>
    public string? StatementTimeout { get; init; }

    public long Offset { get; init; }

    /// <summary>Gets the SQL expression that aggregates the rows to one JSON text.</summary>
    public string Body { get; init; } = "coalesce(json_agg(_t), '[]')::text";

    /// <summary>
    /// Gets the columns of the response. The default is all columns. The property is set if the statement has columns that the response
    /// must not contain.
    /// </summary>
    public string Columns { get; init; } = "*";

    /// <summary>Gets the SQL expression that counts the inserted rows.</summary>
    public string Inserted { get; init; } = "count(*)";

    /// <summary>Gets the SQL expression that computes the query string of the <c>Location</c> header.</summary>
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
