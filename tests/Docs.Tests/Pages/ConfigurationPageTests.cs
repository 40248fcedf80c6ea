using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using FluentAssertions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NUnit.Framework;
using SessionRecovery.AspNetCore;
using SessionRecovery.AspNetCore.Credits;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;

namespace Docs.Tests.Pages;

/// <summary>Tests that docs/configuration.md lists the options of the code with their names, types, defaults and valid values.</summary>
[TestFixture]
internal sealed partial class ConfigurationPageTests
{
    // These types are excluded, because they only group other options or contain the options of a single call.
    private static readonly Type[] NotBound =
    [
        typeof(SessionRecoveryOptions),
        typeof(SessionRecoveryCoreOptions),
        typeof(SessionRecoveryEndpointOptions),
        typeof(CreditReadOptions),
        typeof(CreditReservationOptions),
        typeof(PaidEndpointOptions),
    ];

    private static IEnumerable<ConfigurationRow> Rows => ConfigurationPage.Rows;

    private static IEnumerable<ConfigurationRow> RowsWithLimits => Rows.Where(static row => Limits().IsMatch(row.ValidValues));

    private static IEnumerable<string> Sections => ConfigurationPage.Types.Keys;

    [Test]
    public void Every_options_type_has_a_section() =>
        ConfigurationPage.Types.Values.Select(static type => type.Assembly).Distinct()
            .SelectMany(static assembly => assembly.GetExportedTypes())
            .Where(static type => type.Name.EndsWith("Options", StringComparison.Ordinal))
            .Except(NotBound)
            .Should().BeEquivalentTo(ConfigurationPage.Types.Values);

    [TestCaseSource(nameof(Sections))]
    public void A_section_lists_exactly_the_options_in_code(string section) =>
        Rows.Where(row => row.Section == section).Select(static row => row.Key)
            .Should().Equal(ConfigurationPage.Types[section].GetProperties().Select(static property => property.Name));

    [TestCaseSource(nameof(Rows))]
    public void Type_and_default_are_those_in_code(ConfigurationRow row)
    {
        var property = GetProperty(row);
        var value = property.GetValue(Activator.CreateInstance(property.DeclaringType!));

        ToTypeName(property.PropertyType).Should().Be(row.Type);
        var text = row.Default.Trim('`');
        if (NoDefault().IsMatch(text))
        {
            (value is null or "" or ICollection { Count: 0 }).Should().BeTrue("of {0}", value);
        }
        else
        {
            value.Should().Be(Parse(property.PropertyType, text));
        }
    }

    [TestCaseSource(nameof(RowsWithLimits))]
    public void Values_within_the_limits_are_valid(ConfigurationRow row)
    {
        var (min, max) = GetLimits(row);

        Validate(row, min).Should().NotContain(failure => Names(failure, row));
        Validate(row, max).Should().NotContain(failure => Names(failure, row));
    }

    [TestCaseSource(nameof(RowsWithLimits))]
    public void Values_outside_the_limits_fail_with_the_limits(ConfigurationRow row)
    {
        var (min, max) = GetLimits(row);

        foreach (var value in new[] { Add(min, -1), Add(max, 1) })
        {
            var failure = Validate(row, value).Should().ContainSingle(failure => Names(failure, row)).Which;
            var named = ValidValues().Match(failure);
            named.Success.Should().BeTrue("of {0}", failure);
            Parse(min.GetType(), named.Groups[1].Value).Should().Be(min);
            Parse(max.GetType(), named.Groups[2].Value).Should().Be(max);
        }
    }

    private static PropertyInfo GetProperty(ConfigurationRow row) => ConfigurationPage.Types[row.Section].GetProperty(row.Key)!;

    private static bool Names(string failure, ConfigurationRow row) => Regex.IsMatch(failure, $@"[:.]{row.Key} ");

    private static (object Min, object Max) GetLimits(ConfigurationRow row)
    {
        var limits = Limits().Match(row.ValidValues);
        var type = GetProperty(row).PropertyType;
        return (Parse(type, limits.Groups[1].Value), Parse(type, limits.Groups[2].Value));
    }

    private static object Add(object value, int smallestSteps) => value switch
    {
        TimeSpan time => time + TimeSpan.FromTicks(smallestSteps),
        int number => number + smallestSteps,
        long number => number + smallestSteps,
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };

    private static object Parse(Type type, string text) => TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text)!;

    private static string ToTypeName(Type type) => type switch
    {
        _ when type == typeof(int) => "int",
        _ when type == typeof(long) => "long",
        _ when type == typeof(bool) => "bool",
        _ when type == typeof(string) => "string",
        _ when type == typeof(IList<string>) => "string[]",
        _ when type.IsSubclassOf(typeof(Delegate)) => "delegate",
        _ => type.Name,
    };

    /// <summary>Sets one key in the configuration and returns the validation errors of the options in its section.</summary>
    private static List<string> Validate(ConfigurationRow row, object value)
    {
        var key = $"SessionRecovery:{row.Section}:{row.Key}";
        var settings = new Dictionary<string, string?> { [key] = Convert.ToString(value, CultureInfo.InvariantCulture) };
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        var builder = services.AddSessionRecovery();
        switch (row.Section)
        {
            case "Sqlite":
                builder.UseSqlite("Data Source=/data/credits.db");
                break;
            case "Supabase" or "SupabaseAuthentication":
                builder.UseSupabase(static options =>
                {
                    options.Url = "https://abcdefgh.supabase.co";
                    options.PublishableKey = "sb_publishable_key";
                });
                services.AddSupabaseAuthentication();
                break;
        }

        using var provider = services.BuildServiceProvider();
        try
        {
            var options = provider.GetRequiredService(typeof(IOptions<>).MakeGenericType(ConfigurationPage.Types[row.Section]));
            _ = options.GetType().GetProperty("Value")!.GetValue(options);
            return [];
        }
        catch (TargetInvocationException exception) when (exception.InnerException is OptionsValidationException validation)
        {
            return validation.Failures.ToList();
        }
    }

    [GeneratedRegex(@"^`(\S+)` to `(\S+)`$")]
    private static partial Regex Limits();

    [GeneratedRegex("^(empty|none|SUPABASE_.*|that of .*)$")]
    private static partial Regex NoDefault();

    [GeneratedRegex("; valid values are (.+) to (.+?)( \\(.*\\))?\\.?$")]
    private static partial Regex ValidValues();
}
