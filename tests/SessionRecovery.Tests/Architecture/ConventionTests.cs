using System.Reflection;
using System.Runtime.CompilerServices;
using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;

namespace SessionRecovery.Tests.Architecture;

/// <summary>The architecture as tests: who may see whom, what is public, what nothing may be called.</summary>
[TestFixture]
internal sealed class ConventionTests
{
    private static readonly Assembly Core = typeof(ICreditStore).Assembly;
    private static readonly Assembly Web = typeof(AspNetCore.Sessions.UserSessionOptions).Assembly;
    private static readonly Assembly Sqlite = typeof(Sqlite.SqliteStoreOptions).Assembly;

    [Test]
    public void No_shipped_package_sees_anothers_internals()
    {
        Assembly[] shipped = [Core, Web, Sqlite];
        var names = shipped.Select(assembly => assembly.GetName().Name).ToHashSet();

        foreach (var assembly in shipped)
        {
            assembly.GetCustomAttributes<InternalsVisibleToAttribute>().Select(attribute => attribute.AssemblyName)
                .Should().NotContain(friend => names.Contains(friend));
        }
    }

    [Test]
    public void The_core_refers_to_nothing_of_ASP_NET_Core_and_nothing_of_identity()
    {
        Core.GetReferencedAssemblies().Select(assembly => assembly.Name)
            .Should().NotContain(name => name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || name.Contains("IdentityModel", StringComparison.Ordinal));
    }

    [Test]
    public void Everything_in_Internal_is_internal_and_the_rest_is_public()
    {
        foreach (var type in OwnTypes())
        {
            var isInternal = type.Namespace!.EndsWith(".Internal", StringComparison.Ordinal) || type.Namespace == "SessionRecovery.Shared";
            type.IsPublic.Should().Be(!isInternal, "{0} is in {1}", type.Name, type.Namespace);
        }
    }

    [Test]
    public void Implementations_are_sealed()
    {
        OwnTypes().Where(type => type is { IsClass: true, IsAbstract: false }).Should().OnlyContain(type => type.IsSealed);
    }

    [Test]
    public void Nothing_has_a_name_that_says_nothing()
    {
        string[] empty = ["Manager", "Helper", "Utils", "Common", "Base", "Impl"];

        OwnTypes().Should().NotContain(type => empty.Any(word => type.Name.EndsWith(word, StringComparison.Ordinal)) || type.Name == "SessionRecovery");
    }

    [Test]
    public void No_type_of_Pollys_is_in_a_public_signature()
    {
        var signatures = OwnTypes().Where(type => type.IsPublic)
            .SelectMany(type => type.GetMembers())
            .SelectMany(member => member switch
            {
                MethodInfo method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType),
                PropertyInfo property => [property.PropertyType],
                ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
                _ => [],
            });

        signatures.Should().NotContain(type => type.Namespace != null && type.Namespace.StartsWith("Polly", StringComparison.Ordinal));
    }

    [Test]
    public void Health_credits_and_warming_never_depend_on_recovery()
    {
        var recovery = Core.GetTypes().Where(type => type.Namespace?.StartsWith("SessionRecovery.Recovery", StringComparison.Ordinal) == true).ToHashSet();
        string[] below = ["SessionRecovery.Health", "SessionRecovery.Credits", "SessionRecovery.Warming", "SessionRecovery.Sessions"];

        var dependants = Core.GetTypes()
            .Where(type => below.Any(name => type.Namespace?.StartsWith(name, StringComparison.Ordinal) == true))
            .Where(type => type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public).Any(field => recovery.Contains(field.FieldType))
                || type.GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public).SelectMany(constructor => constructor.GetParameters()).Any(parameter => recovery.Contains(parameter.ParameterType)));

        dependants.Should().BeEmpty();
    }

    [Test]
    public void Nothing_depends_on_Supabase_but_its_registration()
    {
        foreach (var assembly in (Assembly[])[Core, Web])
        {
            var others = assembly.GetTypes().Where(type => type.Namespace is { } name
                && name.StartsWith("SessionRecovery.", StringComparison.Ordinal)
                && !name.Contains(".Supabase", StringComparison.Ordinal));

            others.Where(type => DependsOn(type, "SessionRecovery.Supabase", "SessionRecovery.AspNetCore.Supabase")).Should().BeEmpty();
        }

        static bool DependsOn(Type type, params string[] namespaces) => type
            .GetFields(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly).Select(field => field.FieldType)
            .Concat(type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .SelectMany(method => (method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? []).Concat(method.GetParameters().Select(parameter => parameter.ParameterType)).Append(method.ReturnType)))
            .Any(used => namespaces.Any(name => used.Namespace?.StartsWith(name, StringComparison.Ordinal) == true));
    }

    private static IEnumerable<Type> OwnTypes() =>
        from assembly in (Assembly[])[Core, Web, Sqlite]
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
