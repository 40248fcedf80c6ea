using System.Globalization;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Rest;

/// <summary>Represents the parsed query string, which contains the columns, filters, order, limit and offset.</summary>
internal sealed class RestQuery
{
    private static readonly string[] Reserved = ["select", "order", "limit", "offset", "columns", "on_conflict"];

    private RestQuery(string? select, string? order, IReadOnlyList<KeyValuePair<string, string>> rest)
    {
        Select = select;
        Order = order;
        Filters = rest;
    }

    public string? Select { get; }

    public string? Order { get; }

    public long? Limit { get; private set; }

    public long Offset { get; private set; }

    public string[]? Columns { get; private set; }

    public string[]? OnConflict { get; private set; }

    /// <summary>Gets the filters. For a function call with GET, the filters include the arguments of the function.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Filters { get; private set; }

    public static RestQuery Read(ServiceRequest request)
    {
        var parameters = request.Parameters().ToList();
        string? Last(string name) =>
            parameters.Where(parameter => parameter.Key == name).Select(parameter => parameter.Value).LastOrDefault();
        var query = new RestQuery(Last("select"), Last("order"), [.. parameters.Where(parameter => !Reserved.Contains(parameter.Key))])
        {
            Limit = Number(Last("limit")),
            Offset = Math.Max(0, Number(Last("offset")) ?? 0),
            Columns = Last("columns")?.Split(',', StringSplitOptions.RemoveEmptyEntries),
            OnConflict = Last("on_conflict")?.Split(',', StringSplitOptions.RemoveEmptyEntries),
        };
        if (query.Limit < 0)
        {
            throw new RestException(416, "PGRST103", "Requested range not satisfiable", "Limit should be greater than or equal to zero.");
        }

        if (HttpMethods.IsGet(request.Method))
        {
            query.Intersect(request.Header("Range"));
        }

        return query;
    }

    /// <summary>
    /// Removes and returns the arguments of a function call with GET. The arguments are the parameters without an operator.
    /// </summary>
    public Dictionary<string, string> TakeArguments()
    {
        var arguments = Filters.Where(filter => !RestFilter.IsFilter(filter)).ToList();
        Filters = [.. Filters.Except(arguments)];
        return arguments.GroupBy(argument => argument.Key).ToDictionary(group => group.Key, group => group.Last().Value);
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? number
        : null;

    private void Intersect(string? range)
    {
        var parts = range?.Split('-');
        if (parts is not [var first, var last] || Number(first) is not { } from || (last.Length > 0 && Number(last) is null))
        {
            return;
        }

        if (Number(last) is { } to)
        {
            if (to < from)
            {
                throw new RestException(416, "PGRST103", "Requested range not satisfiable",
                    "The lower boundary must be lower than or equal to the upper boundary in the Range header.");
            }

            var end = Limit is { } limit ? Math.Min(Offset + limit, to + 1) : to + 1;
            Offset = Math.Max(Offset, from);
            Limit = Math.Max(0, end - Offset);
        }
        else
        {
            Limit = Limit is { } limit ? Math.Max(0, Offset + limit - Math.Max(Offset, from)) : null;
            Offset = Math.Max(Offset, from);
        }
    }
}
