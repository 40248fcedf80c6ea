using System.Reflection;

namespace SessionRecovery.Supabase.Setup.Internal;

/// <summary>
/// Lists the names of the migrations that this release requires. The migration files are embedded in the assembly and included in the
/// package.
/// </summary>
internal static class SupabaseMigrations
{
    private const string Prefix = "Supabase.Migrations/";
    private const string Extension = ".sql";

    /// <summary>Gets the names of the migrations in the order in which they must be applied.</summary>
    public static IReadOnlyList<string> Names { get; } = Assembly.GetExecutingAssembly()
        .GetManifestResourceNames()
        .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal))
        .Select(static name => name[Prefix.Length..^Extension.Length])
        .Order(StringComparer.Ordinal)
        .ToList();
}
