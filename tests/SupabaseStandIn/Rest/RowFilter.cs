using System.Text;

namespace SupabaseStandIn.Rest;

/// <summary>The filters of a query, as SQL.</summary>
internal sealed class RowFilter
{
    private static readonly HashSet<string> Reserved = ["select", "order", "limit", "offset", "columns", "on_conflict", "and", "or"];

    private static readonly Dictionary<string, string> Operators = new(StringComparer.Ordinal)
    {
        ["eq"] = "=",
        ["neq"] = "<>",
        ["gt"] = ">",
        ["gte"] = ">=",
        ["lt"] = "<",
        ["lte"] = "<=",
    };

    private readonly List<string> _conditions = [];

    public string Where => _conditions.Count == 0 ? string.Empty : $" where {string.Join(" and ", _conditions)}";

    /// <exception cref="RestError">A filter can't be read.</exception>
    public static RowFilter Parse(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var filter = new RowFilter();
        foreach (var (column, text) in parameters.Where(static parameter => !Reserved.Contains(parameter.Key)))
        {
            filter._conditions.Add(Condition(column, text));
        }

        return filter;
    }

    private static string Condition(string column, string text)
    {
        var negated = text.StartsWith("not.", StringComparison.Ordinal);
        var rest = negated ? text[4..] : text;
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            throw RestError.Parse($"filter ({text})\" (line 1, column 1)");
        }

        var (name, value) = (rest[..dot], rest[(dot + 1)..]);
        var left = Identifiers.Quoted(column);
        var condition = name switch
        {
            "is" => $"{left} is {IsWord(value)}",
            "in" => In(left, value),
            _ when Operators.TryGetValue(name, out var sign) => $"{left} {sign} {Literal(value)}",
            _ => throw RestError.Parse($"filter ({text})\" (line 1, column 1)"),
        };
        return negated ? $"not ({condition})" : condition;
    }

    // An untyped literal takes the column's type, as PostgREST's own parameters do.
    private static string Literal(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string IsWord(string value) => value.ToLowerInvariant() switch
    {
        "null" => "null",
        "not_null" => "not null",
        "true" => "true",
        "false" => "false",
        "unknown" => "unknown",
        _ => throw RestError.Parse($"filter (is.{value})\" (line 1, column 4)"),
    };

    private static string In(string left, string list)
    {
        if (list.Length < 2 || list[0] != '(' || list[^1] != ')')
        {
            throw RestError.Parse($"filter (in.{list})\" (line 1, column 4)");
        }

        var values = Split(list[1..^1]);
        return values.Count == 0 ? "false" : $"{left} in ({string.Join(", ", values.Select(Literal))})";
    }

    private static List<string> Split(string list)
    {
        var values = new List<string>();
        for (var at = 0; at < list.Length;)
        {
            var value = new StringBuilder();
            if (list[at] == '"')
            {
                for (at++; at < list.Length && list[at] != '"'; at++)
                {
                    if (list[at] == '\\' && at + 1 < list.Length)
                    {
                        at++;
                    }

                    value.Append(list[at]);
                }

                at++;
            }
            else
            {
                for (; at < list.Length && list[at] != ','; at++)
                {
                    value.Append(list[at]);
                }
            }

            values.Add(value.ToString());
            if (at < list.Length)
            {
                at++;
            }
        }

        return values;
    }
}
