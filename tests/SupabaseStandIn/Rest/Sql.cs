using Npgsql;
using NpgsqlTypes;

namespace SupabaseStandIn.Rest;

/// <summary>Collects the parameters of an SQL statement. Every value from a request is a parameter, whose type the server infers.</summary>
internal sealed class Sql
{
    private readonly List<string> _values = [];

    public static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    public static string Quote(string schema, string name) => Quote(schema) + "." + Quote(name);

    public string Parameter(string value)
    {
        _values.Add(value);
        return $"${_values.Count}";
    }

    public NpgsqlCommand Command(string text, NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand(text, connection);
        foreach (var value in _values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Unknown });
        }

        return command;
    }
}
