using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using FluentAssertions;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using static SessionRecovery.Tests.Architecture.ShippedPackages;

namespace SessionRecovery.Tests.Architecture;

/// <summary>Tests the conventions of the packages for access to internal types, visibility, dependencies and names.</summary>
[TestFixture]
internal sealed partial class ConventionTests
{
    // Words that no name may contain. The words are names of version 0.1 and British spellings.
    private static readonly string[] BannedWords =
    [
        "Tries", "Freshness", "StaleLimit", "RememberedUsers", "LoadInterval", "Floor", "Verdict", "Authority", "Runner", "Hold",
        "TimeToLive", "Lapse", "Passing", "AnotherTry", "Reception", "Reading", "WithoutEffect", "Wire", "Initialis", "Authoris",
        "Recognis", "Cancelled",
        "Behaviour", "Colour", "Centre", "Licence", "Normalis", "Serialis",
    ];

    // Names of version 0.1 that are forbidden only as whole names, because some current names contain these words.
    private static readonly string[] BannedNames =
    [
        "CachedUsers", "Known", "Missing", "CreditOutcome", "FileSave", "WarmUpReport", "RecoveryReport", "UseCredits", "AddFiles",
        "MapCredits", "MapFiles", "MapSessionModule", "SessionRecoveryResources",
    ];

    [Test]
    public void No_package_sees_the_internals_of_another()
    {
        var names = All.Select(assembly => assembly.GetName().Name).ToHashSet();

        foreach (var assembly in All)
        {
            assembly.GetCustomAttributes<InternalsVisibleToAttribute>().Select(attribute => attribute.AssemblyName)
                .Should().NotContain(friend => names.Contains(friend));
        }
    }

    [Test]
    public void The_core_references_no_web_identity_or_provider()
    {
        string[] foreign =
        [
            "Microsoft.AspNetCore", "Microsoft.IdentityModel", "Microsoft.Extensions.Http", "Microsoft.Data", "System.Data",
            "System.Net.Http",
        ];

        Core.GetReferencedAssemblies().Select(assembly => assembly.Name)
            .Should().NotContain(name => foreign.Any(prefix => name!.StartsWith(prefix, StringComparison.Ordinal)));
    }

    [Test]
    public void Only_the_Supabase_packages_reference_Supabase()
    {
        foreach (var assembly in (Assembly[])[Core, Web, ShippedPackages.Sqlite])
        {
            assembly.GetReferencedAssemblies().Should().NotContain(name => name.Name!.Contains("Supabase", StringComparison.Ordinal));
        }
    }

    [Test]
    public void Types_in_Internal_are_internal_and_others_public()
    {
        foreach (var type in GetTypes(All))
        {
            var isInternal = type.Namespace!.EndsWith(".Internal", StringComparison.Ordinal) || type.Namespace == "SessionRecovery.Shared";
            type.IsPublic.Should().Be(!isInternal, "{0} is in {1}", type.Name, type.Namespace);
        }
    }

    [Test]
    public void Implementations_are_sealed() =>
        GetTypes(Runtime).Where(type => type is { IsClass: true, IsAbstract: false }).Should().OnlyContain(type => type.IsSealed);

    [Test]
    public void No_name_is_empty_of_meaning()
    {
        string[] empty = ["Manager", "Helper", "Utils", "Common", "Base", "Impl"];

        GetTypes(All).Should().NotContain(type =>
            empty.Any(word => type.Name.EndsWith(word, StringComparison.Ordinal)) || type.Name == "SessionRecovery");
    }

    [Test]
    public void Public_names_use_the_vocabulary_in_US_spelling() =>
        GetPublicNames().Where(name => !name.Name.EndsWith("oldExpiresIn", StringComparison.Ordinal) && HasBannedWord(name.Name))
            .Should().BeEmpty("HoldExpiresIn is the member of the store contract's hold_expires_in and changes with it");

    [Test]
    public void The_browser_module_declares_names_of_the_vocabulary()
    {
        using var declarations = new StreamReader(Web.GetManifestResourceStream("session-recovery.d.ts")!);
        var text = CommentOrQuote().Replace(declarations.ReadToEnd(), " ");
        var names = Identifier().Matches(text).Select(match => match.Value).Distinct().ToList();

        names.Should().Contain("createSession");
        names.Where(HasBannedWord).Should().BeSubsetOf(["CreditReading", "CreditReadingDetails"]);
    }

    [Test]
    public void No_Polly_type_is_in_a_public_signature()
    {
        var signatures = GetTypes(Runtime).Where(type => type.IsPublic)
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
    public void Event_ids_are_unique_and_in_their_range()
    {
        var ranges = new Dictionary<string, (int First, int Last)>
        {
            ["SessionRecovery.Credits.Internal"] = (1000, 1099),
            ["SessionRecovery.Health.Internal"] = (1100, 1199),
            ["SessionRecovery.Recovery.Internal"] = (1200, 1299),
            ["SessionRecovery.Warming.Internal"] = (1300, 1399),
            ["SessionRecovery.Files.Internal"] = (1400, 1449),
            ["SessionRecovery.AspNetCore.Files.Internal"] = (1450, 1499),
            ["SessionRecovery.Sqlite.Storage.Internal"] = (1500, 1599),
            ["SessionRecovery.Supabase.Diagnostics.Internal"] = (1600, 1699),
            ["SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal"] = (1700, 1799),
            ["SessionRecovery.AspNetCore.Credits.Internal"] = (1800, 1849),
            ["SessionRecovery.AspNetCore.Sessions.Internal"] = (1850, 1899),
            ["SessionRecovery.AspNetCore.KeyRing.Internal"] = (1900, 1949),
        };
        var events = GetTypes(Runtime)
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => (method.DeclaringType!.Namespace, Attribute: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(entry => entry.Attribute is not null)
            .Select(entry => (Namespace: entry.Namespace!, entry.Attribute!.EventId, entry.Attribute.EventName, entry.Attribute.Message))
            .ToList();

        events.Should().NotBeEmpty().And.OnlyHaveUniqueItems(entry => entry.EventId).And.OnlyHaveUniqueItems(entry => entry.EventName);
        foreach (var entry in events)
        {
            var (first, last) = ranges.Should().ContainKey(entry.Namespace).WhoseValue;
            entry.EventId.Should().BeInRange(first, last, "{0} is in {1}", entry.EventName, entry.Namespace);
            entry.EventName.Should().MatchRegex("^[A-Z][A-Za-z]+$");
            entry.Message.Should().EndWith(".");
        }
    }

    private static bool HasBannedWord(string name)
    {
        var words = $"{char.ToUpperInvariant(name[0])}{name.AsSpan(1)}";
        return BannedNames.Contains(name) || BannedWords.Any(word => words.Contains(word, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"/\*.*?\*/|//[^\n]*|'[^'\n]*'", RegexOptions.Singleline)]
    private static partial Regex CommentOrQuote();

    [GeneratedRegex(@"\b[A-Za-z_]\w*")]
    private static partial Regex Identifier();

    private static IEnumerable<(string Type, string Name)> GetPublicNames() =>
        from type in GetTypes(Runtime)
        where type.IsPublic
        from nested in type.GetNestedTypes().Prepend(type)
        from name in nested.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .SelectMany(member => member is MethodBase method
                ? method.GetParameters().Select(parameter => parameter.Name!).Append(member.Name)
                : [member.Name])
            .Append(nested.Name)
        select (nested.FullName!, name);
}
