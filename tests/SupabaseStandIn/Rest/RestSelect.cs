using System.Text.RegularExpressions;

namespace SupabaseStandIn.Rest;

/// <summary>Converts the query parameters <c>select</c> and <c>order</c> to SQL.</summary>
internal static partial class RestSelect
{
    public static string Columns(string? select, string table)
    {
        if (string.IsNullOrEmpty(select))
        {
            return $"{table}.*";
        }

        return string.Join(", ", select.Split(',').Select(item => Column(item, table, select)));
    }

    public static string Order(string? order, string table)
    {
        if (string.IsNullOrEmpty(order))
        {
            return string.Empty;
        }

        return " order by " + string.Join(", ", order.Split(',').Select(item =>
        {
            var parts = item.Split('.');
            var suffixes = parts.Skip(1).Select(suffix => suffix switch
            {
                "asc" or "desc" => suffix,
                "nullsfirst" => "nulls first",
                "nullslast" => "nulls last",
                _ => throw RestException.BadQuery(
                    $"\"failed to parse order ({order})\" (line 1, column {order.IndexOf(suffix, StringComparison.Ordinal) + 1})",
                    $"unexpected \"{suffix.FirstOrDefault()}\" expecting \"asc\", \"desc\", \"nullsfirst\" or \"nullslast\""),
            });
            return $"{table}.{Sql.Quote(parts[0])} {string.Join(' ', suffixes)}";
        }));
    }

    private static string Column(string item, string table, string select)
    {
        if (Aggregate().IsMatch(item))
        {
            throw new RestException(400, "PGRST123", "Use of aggregate functions is not allowed");
        }

        if (item.IndexOfAny(['(', '!']) >= 0 || item.Contains("->", StringComparison.Ordinal)
            || item.StartsWith("...", StringComparison.Ordinal))
        {
            throw new NotSupportedException($"select={select}");
        }

        if (item.Length == 0)
        {
            var at = select.StartsWith(',') ? 0 : select.IndexOf(",,", StringComparison.Ordinal) + 1;
            throw RestException.BadQuery(
                $"\"failed to parse select parameter ({select})\" (line 1, column {at + 1})",
                    "unexpected \",\" expecting \"...\", field name (* or [a..z0..9_$]), \"*\" or \"count()\"");
        }

        if (item == "*")
        {
            return $"{table}.*";
        }

        var cast = item.IndexOf("::", StringComparison.Ordinal);
        var type = cast < 0 ? null : item[(cast + 2)..];
        var name = cast < 0 ? item : item[..cast];
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        var (alias, column) = colon < 0 ? (name, name) : (name[..colon], name[(colon + 1)..]);
        var value = $"{table}.{Sql.Quote(column)}";
        return type is null ? $"{value} as {Sql.Quote(alias)}" : $"cast({value} as {Sql.Quote(type)}) as {Sql.Quote(alias)}";
    }

    [GeneratedRegex("^(.+\\.)?(avg|count|max|min|sum)\\(\\)")]
    private static partial Regex Aggregate();
}
