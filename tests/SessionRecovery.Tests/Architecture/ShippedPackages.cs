using System.Reflection;
using System.Runtime.CompilerServices;
using SessionRecovery.Credits;

namespace SessionRecovery.Tests.Architecture;

/// <summary>Lists the assemblies of the packages and the types that are declared in their source code.</summary>
internal static class ShippedPackages
{
    public static Assembly Core { get; } = typeof(ICreditStore).Assembly;

    public static Assembly Web { get; } = typeof(AspNetCore.SessionRecoveryOptions).Assembly;

    public static Assembly Sqlite { get; } = typeof(Sqlite.SqliteStoreOptions).Assembly;

    public static Assembly Supabase { get; } = typeof(Supabase.SupabaseOptions).Assembly;

    public static Assembly SupabaseWeb { get; } = typeof(Supabase.AspNetCore.SupabaseAuthenticationOptions).Assembly;

    public static Assembly Testing { get; } = typeof(Testing.CreditStoreContract).Assembly;

    /// <summary>Gets the assemblies of the packages that run in a host.</summary>
    public static Assembly[] Runtime { get; } = [Core, Web, Sqlite, Supabase, SupabaseWeb];

    public static Assembly[] All { get; } = [.. Runtime, Testing];

    /// <summary>Returns the types that neither the compiler nor a source generator has generated.</summary>
    public static IEnumerable<Type> GetTypes(params IEnumerable<Assembly> assemblies) =>
        from assembly in assemblies
        from type in assembly.GetTypes()
        where !type.IsNested
            && type.Namespace is not null
            && !type.IsDefined(typeof(CompilerGeneratedAttribute))
            && !type.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute))
            && !type.Namespace.StartsWith("System", StringComparison.Ordinal)
            && !type.Namespace.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)
            && !type.Namespace.StartsWith("Microsoft.AspNetCore.Http.Generated", StringComparison.Ordinal)
            && !type.Namespace.StartsWith("Microsoft.Extensions.Configuration", StringComparison.Ordinal)
            && !type.Name.Contains('<', StringComparison.Ordinal)
        select type;
}
