using System.Globalization;

namespace SessionRecovery.AspNetCore.Tests.Http;

/// <summary>Reads the tables in <c>docs/http.md</c>.</summary>
internal static class HttpPage
{
    private static readonly char[] Separators = [',', ' '];

    private static readonly string[][] Rows = [.. File.ReadLines(FindPage()).Where(static line => line.StartsWith('|')).Select(Split)];

    /// <summary>Gets the name of the table row for each test endpoint that represents endpoints of a host.</summary>
    public static IReadOnlyDictionary<string, string> OfHost { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["POST /paid"] = "RequireCredits",
        ["POST /once"] = "RequireIdempotency",
    };

    public static IReadOnlyDictionary<string, DocumentedEndpoint> Endpoints { get; } = ReadEndpoints();

    /// <summary>Gets the HTTP status of each problem code.</summary>
    public static IReadOnlyDictionary<string, int> Statuses { get; } = Rows
        .Where(static row => row.Length == 3 && int.TryParse(row[1], CultureInfo.InvariantCulture, out _))
        .ToDictionary(static row => row[0], static row => int.Parse(row[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    public static IEnumerable<string> Routes => Endpoints.Keys;

    private static Dictionary<string, DocumentedEndpoint> ReadEndpoints()
    {
        var endpoints = new Dictionary<string, DocumentedEndpoint>(StringComparer.Ordinal);
        var route = string.Empty;
        foreach (var row in Rows.Where(static row => row.Length == 6).Skip(2))
        {
            var codes = List(row[4]);
            if (row[0].Length == 0)
            {
                endpoints[route] = endpoints[route] with { ProblemCodes = [.. endpoints[route].ProblemCodes, .. codes] };
                continue;
            }

            route = row[0];
            var statuses = List(row[3]).Select(static status => int.Parse(status, CultureInfo.InvariantCulture));
            endpoints.Add(route, new DocumentedEndpoint(row[1], row[2], [.. statuses], codes, List(row[5])));
        }

        return endpoints;
    }

    private static string[] Split(string line) =>
        [.. line.Trim('|').Split('|').Select(static cell => cell.Replace("`", string.Empty, StringComparison.Ordinal).Trim())];

    private static string[] List(string cell) => cell.Split(Separators, StringSplitOptions.RemoveEmptyEntries);

    private static string FindPage()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SessionRecovery.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        return Path.Combine(folder.FullName, "docs", "http.md");
    }
}
