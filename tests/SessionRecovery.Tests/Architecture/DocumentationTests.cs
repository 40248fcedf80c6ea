using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.Tests.Architecture;

/// <summary>Every public member has complete XML documentation: a summary, each parameter, each type parameter and the result.</summary>
[TestFixture]
internal sealed class DocumentationTests
{
    private static IEnumerable<Assembly> Packages => ShippedPackages.Runtime;

    [TestCaseSource(nameof(Packages))]
    public void Public_members_are_documented_completely(Assembly package)
    {
        var documented = XDocument.Load(Path.ChangeExtension(package.Location, ".xml")).Descendants("member")
            .ToLookup(member => GetKey((string)member.Attribute("name")!));

        var missing = ShippedPackages.GetTypes(package).Where(type => type.IsPublic)
            .SelectMany(type => type.GetNestedTypes().Prepend(type))
            .SelectMany(type => Check(type, documented))
            .ToList();

        missing.Should().BeEmpty();
    }

    private static IEnumerable<string> Check(Type type, ILookup<string, XElement> documented)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var method in type.GetMembers(Declared).OfType<MethodBase>().Where(method => IsWritten(type, method)))
        {
            var name = method.IsConstructor ? "#ctor" : method.Name;
            var key = $"M:{type.FullName!.Replace('+', '.')}.{name}/{method.GetParameters().Length}";
            var candidates = documented[key].ToList();
            if (!candidates.Any(member => IsComplete(member, method)))
            {
                yield return candidates.Count == 0 ? $"{key} is not documented" : $"{key} is not documented completely";
            }
        }
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

    private static bool IsWritten(Type type, MethodBase method) =>
        !method.IsSpecialName == !method.IsConstructor
        && !method.IsDefined(typeof(CompilerGeneratedAttribute))
        && !(method.IsConstructor && method.GetParameters().Length == 0)
        && !(type.IsSubclassOf(typeof(MulticastDelegate)) || type.IsEnum)
        && !(typeof(Exception).IsAssignableFrom(type) && method.DeclaringType != type);

    // "M:Type.Method``1(System.Int32,System.Func{A,B})" has the key "M:Type.Method/2".
    private static string GetKey(string id)
    {
        var open = id.IndexOf('(', StringComparison.Ordinal);
        var name = open < 0 ? id : id[..open];
        var generic = name.IndexOf("``", StringComparison.Ordinal);
        name = generic < 0 ? name : name[..generic];
        if (open < 0)
        {
            return $"{name}/0";
        }

        var (depth, count) = (0, 1);
        foreach (var character in id[(open + 1)..])
        {
            depth += character is '{' or '[' ? 1 : character is '}' or ']' ? -1 : 0;
            count += character == ',' && depth == 0 ? 1 : 0;
        }

        return $"{name}/{count}";
    }
}
