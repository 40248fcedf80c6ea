namespace SupabaseStandIn.Rest;

internal static class Identifiers
{
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
