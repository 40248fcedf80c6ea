using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Credits.Internal;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests the valid ranges of the options, and that a message names the setting.</summary>
[TestFixture]
internal sealed class CreditOptionsTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private static IEnumerable<TestCaseData> Ranges() =>
    [
        Case("CacheDuration", static (options, value) => options.CacheDuration = value, TimeSpan.Zero, TimeSpan.FromHours(1)),
        Case(
            "UnversionedCacheDuration",
            static (options, value) => options.UnversionedCacheDuration = value,
            TimeSpan.Zero,
            TimeSpan.FromHours(1)),
        Case("MaxStaleness", static (options, value) => options.MaxStaleness = value, TimeSpan.Zero, TimeSpan.FromDays(30)),
        Case("MinRefreshInterval", static (options, value) => options.MinRefreshInterval = value, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
        Case(
            "AttemptTimeout",
            static (options, value) => options.AttemptTimeout = value,
            TimeSpan.FromMilliseconds(50),
            TimeSpan.FromMinutes(1)),
        Case("RetryDelay", static (options, value) => options.RetryDelay = value, TimeSpan.Zero, TimeSpan.FromSeconds(10)),
        Case("MaxAttempts", static (options, value) => options.MaxAttempts = (int)value.Ticks, new(1), new(10)),
        Case("MaxCachedUsers", static (options, value) => options.MaxCachedUsers = (int)value.Ticks, new(100), new(10_000_000)),
    ];

    [TestCaseSource(nameof(Ranges))]
    public void An_option_has_a_range(string name, Action<CreditOptions, TimeSpan> set, TimeSpan min, TimeSpan max)
    {
        Validate(min).Should().BeNull();
        Validate(max).Should().BeNull();
        Validate(min - Tick).Should().StartWith($"SessionRecovery:Credits:{name} is ");
        Validate(max + Tick).Should().StartWith($"SessionRecovery:Credits:{name} is ");

        string? Validate(TimeSpan value)
        {
            var options = new CreditOptions();
            set(options, value);
            return new CreditOptionsValidator().Validate(null, options).FailureMessage;
        }
    }

    [Test]
    public void The_defaults_are_valid() => new CreditOptionsValidator().Validate(null, new CreditOptions()).Succeeded.Should().BeTrue();

    private static TestCaseData Case(string name, Action<CreditOptions, TimeSpan> set, TimeSpan min, TimeSpan max) =>
        new TestCaseData(name, set, min, max).SetArgDisplayNames(name);
}
