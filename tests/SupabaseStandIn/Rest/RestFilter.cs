using System.Text;

namespace SupabaseStandIn.Rest;

/// <summary>Converts one filter condition of the query string to SQL.</summary>
internal static class RestFilter
{
    private static readonly Dictionary<string, string> Operators = new()
    {
        ["eq"] = "=", ["neq"] = "<>", ["gt"] = ">", ["gte"] = ">=", ["lt"] = "<", ["lte"] = "<=", ["like"] = "like", ["ilike"] = "ilike",
            ["match"] = "~",
        ["imatch"] = "~*", ["cs"] = "@>", ["cd"] = "<@", ["isdistinct"] = "is distinct from",
    };

    private static readonly Dictionary<string, string> Is = new(StringComparer.OrdinalIgnoreCase)
    {
        ["null"] = "is null", ["not_null"] = "is not null", ["true"] = "is true", ["false"] = "is false", ["unknown"] = "is unknown",
    };

    public static bool IsFilter(KeyValuePair<string, string> parameter)
    {
        var value = parameter.Value.StartsWith("not.", StringComparison.Ordinal) ? parameter.Value[4..] : parameter.Value;
        var name = value.Split('.')[0];
        return parameter.Key is "and" or "or" or "not.and" or "not.or"
            || (value.Contains('.', StringComparison.Ordinal) && (name is "in" or "is" || Operators.ContainsKey(name)));
    }

    public static string ToSql(KeyValuePair<string, string> parameter, string table, Sql sql)
    {
        var (name, value) = parameter;
        return name switch
        {
            "or" => Group(value, " or ", table, sql, value),
            "and" => Group(value, " and ", table, sql, value),
            "not.or" => "not " + Group(value, " or ", table, sql, value),
            "not.and" => "not " + Group(value, " and ", table, sql, value),
            _ => Condition(name, value, table, sql, value),
        };
    }

    private static string Condition(string column, string value, string table, Sql sql, string whole)
    {
        if (column.Contains("->", StringComparison.Ordinal) || column.Contains('.', StringComparison.Ordinal))
        {
            throw new NotSupportedException($"the filter {column}");
        }

        var negated = value.StartsWith("not.", StringComparison.Ordinal);
        var rest = negated ? value[4..] : value;
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        var operation = dot < 0 ? rest : rest[..dot];
        var operand = dot < 0 ? string.Empty : rest[(dot + 1)..];
        var left = $"{table}.{Sql.Quote(column)}";
        string condition;
        if (operation == "is" && dot >= 0)
        {
            condition = Is.TryGetValue(operand, out var test) ? $"{left} {test}"
                : throw Unreadable(whole, operand, value.Length - operand.Length + 1, "isVal: (null, not_null, true, false, unknown)");
        }
        else if (operation == "in" && dot >= 0)
        {
            condition = operand.StartsWith('(') && operand.EndsWith(')')
                ? $"{left} = any ({sql.Parameter(ArrayLiteral(SplitList(operand[1..^1])))})"
                : throw Unreadable(whole, operand, value.Length - operand.Length + 1, "\"(\"");
        }
        else if (dot >= 0 && Operators.TryGetValue(operation, out var symbol))
        {
            var text = operation is "like" or "ilike" ? operand.Replace('*', '%') : operand;
            condition = $"{left} {symbol} {sql.Parameter(text)}";
        }
        else
        {
            throw Unreadable(whole, rest, value.Length - rest.Length + 1, "\"not\" or operator (eq, gt, ...)");
        }

        return negated ? $"not {condition}" : condition;
    }

    private static RestException Unreadable(string whole, string rest, int column, string expected) => RestException.BadQuery(
        $"\"failed to parse filter ({whole})\" (line 1, column {column})",
        rest.Length == 0 ? $"unexpected end of input expecting {expected}" : $"unexpected \"{rest[0]}\" expecting {expected}");

    private static string Group(string text, string joint, string table, Sql sql, string whole)
    {
        if (!text.StartsWith('(') || !text.EndsWith(')'))
        {
            throw RestException.BadQuery($"\"failed to parse logic tree ({whole})\" (line 1, column {text.Length + 3})",
                "unexpected end of input expecting \",\" or \")\"");
        }

        return "(" + string.Join(joint, SplitTree(text[1..^1]).Select(part => Member(part, table, sql, whole))) + ")";
    }

    private static string Member(string part, string table, Sql sql, string whole)
    {
        foreach (var prefix in new[] { "not.and", "not.or", "and", "or" })
        {
            if (part.StartsWith(prefix + "(", StringComparison.Ordinal))
            {
                return (prefix.StartsWith("not", StringComparison.Ordinal) ? "not " : string.Empty)
                    + Group(part[prefix.Length..], prefix.EndsWith("or", StringComparison.Ordinal) ? " or " : " and ", table, sql, whole);
            }
        }

        var dot = part.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            throw RestException.BadQuery($"\"failed to parse logic tree ({whole})\" (line 1, column 2)", "unexpected end of input");
        }

        var value = part[(dot + 1)..];
        var operand = value.IndexOf('.', StringComparison.Ordinal) + 1;
        var quoted = operand > 0 && value.Length > operand && value[operand] == '"';
        return Condition(part[..dot], quoted ? value[..operand] + Unquote(value[operand..]) : value, table, sql, whole);
    }

    /// <summary>Splits the text at commas that are outside quotes and parentheses.</summary>
    private static IEnumerable<string> SplitTree(string text)
    {
        var part = new StringBuilder();
        var (depth, quoted) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            if (quoted && text[i] == '\\' && i + 1 < text.Length)
            {
                part.Append(text[i++]).Append(text[i]);
                continue;
            }

            quoted ^= text[i] == '"';
            depth += quoted ? 0 : text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[i] == ',' && depth == 0 && !quoted)
            {
                yield return part.ToString();
                part.Clear();
                continue;
            }

            part.Append(text[i]);
        }

        yield return part.ToString();
    }

    private static IEnumerable<string> SplitList(string text) => text.Length == 0 ? [] : SplitTree(text).Select(Unquote);

    private static string Unquote(string text)
    {
        if (text.Length < 2 || text[0] != '"' || text[^1] != '"')
        {
            return text;
        }

        var plain = new StringBuilder();
        for (var i = 1; i < text.Length - 1; i++)
        {
            plain.Append(text[i] == '\\' && i + 1 < text.Length - 1 ? text[++i] : text[i]);
        }

        return plain.ToString();
    }

    private static string ArrayLiteral(IEnumerable<string> values) =>
        "{" + string.Join(',', values.Select(value => "\"" + value.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal) + "\"")) + "}";
}
