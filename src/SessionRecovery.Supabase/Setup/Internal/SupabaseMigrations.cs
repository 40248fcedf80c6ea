using System.Reflection;

namespace SessionRecovery.Supabase.Setup.Internal;

/// <summary>
/// The migrations that this release requires, by the names of their files. They are embedded here and are in the package.
/// </summary>
internal static class SupabaseMigrations
{
    private const string Prefix = "Supabase.Migrations/";
    private const string Extension = ".sql";

    /// <summary>Gets the names in the order of their application.</summary>
    public static IReadOnlyList<string> Names { get; } = Assembly.GetExecutingAssembly()
        .GetManifestResourceNames()
        .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal))
        .Select(static name => name[Prefix.Length..^Extension.Length])
        .Order(StringComparer.Ordinal)
        .ToList();
}
