using System.Reflection;
using System.Text.Json.Nodes;

namespace SupabaseStandIn.Tests.Replay;

internal static class Recording
{
    public static IReadOnlyList<Exchange> Read(string file) =>
        [.. Lines(file).Select(line => new Exchange((JsonObject)JsonNode.Parse(line)!))];

    /// <summary>
    /// Reads a list of recorded requests. Each line contains a name (or a prefix with a star), a vertical bar and a reason.
    /// </summary>
    public static IReadOnlyList<ListEntry> ReadList(string file) =>
        [.. Lines(file).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('|', 2))
            .Select(parts => new ListEntry(parts[0].Trim(), parts[1].Trim()))];

    public static string ReadText(string file) => string.Join('\n', Lines(file));

    private static IEnumerable<string> Lines(string file)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"{file} is not embedded.");
        using var reader = new StreamReader(resource);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    internal sealed record ListEntry(string Pattern, string Reason)
    {
        public bool Matches(string name) =>
            Pattern.EndsWith('*') ? name.StartsWith(Pattern[..^1], StringComparison.Ordinal) : name == Pattern;
    }
}
