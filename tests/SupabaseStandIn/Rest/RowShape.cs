using System.Globalization;

namespace SupabaseStandIn.Rest;

/// <summary>What a query says about columns, order and page.</summary>
/// <param name="Columns">The select list, as SQL.</param>
/// <param name="Order">With its keyword, or empty.</param>
/// <param name="Limit">The most rows; never more than the platform gives.</param>
/// <param name="Offset">Rows left out.</param>
internal sealed record RowShape(string Columns, string Order, long Limit, long Offset)
{
    /// <summary>What the platform cuts every answer at.</summary>
    public const long MaxRows = 1000;

    /// <exception cref="RestError">Something can't be read.</exception>
    public static RowShape Parse(IReadOnlyList<KeyValuePair<string, string>> parameters, string? range)
    {
        var (limit, offset) = (Number(parameters, "limit") ?? MaxRows, Math.Max(0, Number(parameters, "offset") ?? 0));
        if (limit < 0)
        {
            throw new RestError(416, "PGRST103", "Requested range not satisfiable", "Limit should be greater than or equal to zero.");
        }

        if (range?.Split('-') is [var first, var last] && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from))
        {
            offset = Math.Max(offset, from);
            if (long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to))
            {
                limit = to < from
                    ? throw new RestError(416, "PGRST103", "Requested range not satisfiable", "The lower boundary must be lower than or equal to the upper boundary in the Range header.")
                    : Math.Min(limit, to - from + 1);
            }
        }

        return new RowShape(
            string.Join(", ", (Text(parameters, "select") is { Length: > 0 } select ? select : "*").Split(',').Select(Column)),
            Text(parameters, "order") is { Length: > 0 } order ? $" order by {string.Join(", ", order.Split(',').Select(Term))}" : string.Empty,
            Math.Min(limit, MaxRows),
            offset);
    }

    private static string? Text(IEnumerable<KeyValuePair<string, string>> parameters, string name) =>
        parameters.Where(parameter => parameter.Key == name).Select(static parameter => parameter.Value).FirstOrDefault();

    private static long? Number(IEnumerable<KeyValuePair<string, string>> parameters, string name) =>
        long.TryParse(Text(parameters, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Column(string text)
    {
        var item = text.Trim();
        if (item == "*")
        {
            return "*";
        }

        if (item.Contains('(', StringComparison.Ordinal))
        {
            throw new RestError(501, "stand_in", "The stand-in does not embed other tables.");
        }

        var cast = item.IndexOf("::", StringComparison.Ordinal);
        var type = cast < 0 ? null : item[(cast + 2)..];
        var name = cast < 0 ? item : item[..cast];
        var alias = name.IndexOf(':', StringComparison.Ordinal);
        var (shown, column) = alias < 0 ? (name, name) : (name[..alias], name[(alias + 1)..]);
        return $"{Identifiers.Quoted(column)}{(type is null ? string.Empty : $"::{Identifiers.Quoted(type)}")} as {Identifiers.Quoted(shown)}";
    }

    private static string Term(string text)
    {
        var parts = text.Trim().Split('.');
        return Identifiers.Quoted(parts[0]) + string.Concat(parts.Skip(1).Select(part => part switch
        {
            "asc" => " asc",
            "desc" => " desc",
            "nullsfirst" => " nulls first",
            "nullslast" => " nulls last",
            _ => throw RestError.Parse($"order ({text})\" (line 1, column 1)"),
        }));
    }
}
