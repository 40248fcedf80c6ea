using System.Reflection;

namespace SessionRecovery.Supabase.Setup.Internal;

/// <summary>
/// The migrations that this release needs, by the names of their files: embedded here, and in the package beside the library.
/// </summary>
internal static class SupabaseMigrations
{
    private const string Prefix = "Supabase.Migrations/";
    private const string Extension = ".sql";

    /// <summary>In the order in which they are applied.</summary>
    public static IReadOnlyList<string> Names { get; } = Assembly.GetExecutingAssembly()
        .GetManifestResourceNames()
        .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal))
        .Select(static name => name[Prefix.Length..^Extension.Length])
        .Order(StringComparer.Ordinal)
        .ToList();
}
