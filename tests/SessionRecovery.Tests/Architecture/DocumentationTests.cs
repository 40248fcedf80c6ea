using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Recovery;
using SessionRecovery.Warming;

namespace SessionRecovery.Tests.Architecture;

/// <summary>
/// Tests that every public member has complete XML documentation. The documentation must contain a summary, each parameter, each type
/// parameter, the return value, and the exceptions that the signature implies.
/// </summary>
[TestFixture]
internal sealed class DocumentationTests
{
    // These interfaces are implemented by the packages and called by the host. All other public interfaces are implemented by the host.
    private static readonly Type[] Facades =
    [
        typeof(ICreditService), typeof(ICreditLedger), typeof(ISessionHealthMonitor), typeof(ISessionRecoveryService), typeof(ICacheWarmer),
    ];

    private static IEnumerable<Assembly> Packages => ShippedPackages.Runtime;

    [TestCaseSource(nameof(Packages))]
    public void Public_members_are_documented_completely(Assembly package) =>
        FindFaults(package, static (method, member) =>
            member is null ? "is not documented" : IsComplete(member, method) ? null : "is not documented completely").Should().BeEmpty();

    [TestCaseSource(nameof(Packages))]
    public void Exceptions_of_calls_are_documented(Assembly package) =>
        FindFaults(package, static (method, member) =>
            member is null || member.Element("inheritdoc") is not null || !IsCalledByHosts(method)
                ? null
                : GetExpectedExceptions(method).Where(expected => !IsDocumented(member, expected))
                    .Select(static expected => $"has no exception of type {expected.Name}").FirstOrDefault()).Should().BeEmpty();

    private static string FindFaults(Assembly package, Func<MethodBase, XElement?, string?> check)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var documented = XDocument.Load(Path.ChangeExtension(package.Location, ".xml")).Descendants("member")
            .ToDictionary(static member => (string)member.Attribute("name")!);
        var faults = from outer in ShippedPackages.GetTypes(package)
                     where outer.IsPublic
                     from type in outer.GetNestedTypes().Prepend(outer)
                     from method in type.GetMembers(Declared).OfType<MethodBase>()
                     where IsWritten(type, method)
                     let id = GetId(method)
                     let fault = check(method, documented.GetValueOrDefault(id))
                     where fault is not null
                     select $"{id} {fault}";
        return string.Join(Environment.NewLine, faults);
    }

    private static bool IsComplete(XElement member, MethodBase method)
    {
        if (member.Element("inheritdoc") is not null)
        {
            return true;
        }

        var returnsValue = method is MethodInfo { ReturnType: var returned } && returned != typeof(void);
        return member.Element("summary") is { } summary && summary.Value.Trim().Length > 0
            && method.GetParameters().All(
                parameter => member.Elements("param").Any(param => (string?)param.Attribute("name") == parameter.Name))
            && (!method.IsGenericMethod || member.Elements("typeparam").Count() == method.GetGenericArguments().Length)
            && (!returnsValue || member.Element("returns") is not null);
    }

    // The constructors of exceptions are excluded, because they accept every message, as in .NET.
    private static bool IsCalledByHosts(MethodBase method) =>
        (!method.DeclaringType!.IsInterface || Facades.Contains(method.DeclaringType))
        && !typeof(Exception).IsAssignableFrom(method.DeclaringType);

    // A parameter of a non-nullable reference type implies ArgumentNullException, and a cancellation token implies
    // OperationCanceledException.
    private static IEnumerable<Type> GetExpectedExceptions(MethodBase method)
    {
        var nullability = new NullabilityInfoContext();
        if (method.GetParameters().Any(parameter =>
            !parameter.ParameterType.IsValueType
            && !parameter.ParameterType.IsByRef
            && nullability.Create(parameter).WriteState == NullabilityState.NotNull))
        {
            yield return typeof(ArgumentNullException);
        }

        if (method.GetParameters().Any(static parameter => parameter.ParameterType == typeof(CancellationToken)))
        {
            yield return typeof(OperationCanceledException);
        }
    }

    private static bool IsDocumented(XElement member, Type expected)
    {
        var names = member.Elements("exception").Select(static exception => (string?)exception.Attribute("cref")).ToList();
        return names.Contains($"T:{expected.FullName}")
            || (expected == typeof(ArgumentNullException) && names.Contains($"T:{typeof(ArgumentException).FullName}"));
    }

    private static bool IsWritten(Type type, MethodBase method) =>
        !method.IsSpecialName == !method.IsConstructor
        && !method.IsDefined(typeof(CompilerGeneratedAttribute))
        && !(method.IsConstructor && method.GetParameters().Length == 0)
        && !(type.IsSubclassOf(typeof(MulticastDelegate)) || type.IsEnum)
        && !(typeof(Exception).IsAssignableFrom(type) && method.DeclaringType != type);

    // Returns the id of a member in the XML documentation file, for example "M:Type.Method``1(System.Int32,System.Func{A,B})".
    private static string GetId(MethodBase method)
    {
        var name = method.IsConstructor ? "#ctor" : method.Name;
        var generic = method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : string.Empty;
        var parameters = method.GetParameters();
        var types = string.Join(',', parameters.Select(static parameter => GetName(parameter.ParameterType)));
        var list = parameters.Length == 0 ? string.Empty : $"({types})";
        return $"M:{method.DeclaringType!.FullName!.Replace('+', '.')}.{name}{generic}{list}";
    }

    private static string GetDefinitionName(Type definition) =>
        definition.FullName![..definition.FullName!.IndexOf('`', StringComparison.Ordinal)].Replace('+', '.');

    private static string GetName(Type type) => type switch
    {
        { IsByRef: true } => $"{GetName(type.GetElementType()!)}@",
        { IsArray: true } => $"{GetName(type.GetElementType()!)}[]",
        { IsGenericMethodParameter: true } => $"``{type.GenericParameterPosition}",
        { IsGenericParameter: true } => $"`{type.GenericParameterPosition}",
        { IsGenericType: true } => GetDefinitionName(type.GetGenericTypeDefinition())
            + $"{{{string.Join(',', type.GetGenericArguments().Select(GetName))}}}",
        _ => type.FullName!.Replace('+', '.'),
    };
}
