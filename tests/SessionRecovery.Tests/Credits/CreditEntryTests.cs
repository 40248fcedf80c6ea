using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Credits.Internal;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests which of two balances is the later one.</summary>
[TestFixture]
internal sealed class CreditEntryTests
{
    [TestCase(2L, 1L, 1, 2, true, Description = "A later version wins against a later load.")]
    [TestCase(1L, 2L, 2, 1, false)]
    [TestCase(2L, 2L, 2, 1, true, Description = "The later load wins if the versions are equal.")]
    [TestCase(2L, 2L, 1, 2, false)]
    [TestCase(2L, 2L, 1, 1, true)]
    [TestCase(null, null, 2, 1, true, Description = "Without versions, the later load wins.")]
    [TestCase(null, null, 1, 2, false)]
    [TestCase(null, null, 1, 1, true)]
    [TestCase(9L, null, 1, 2, false)]
    [TestCase(null, 9L, 2, 1, true)]
    public void The_version_decides_before_the_start_of_the_load(
        long? version, long? other, long started, long otherStarted, bool isLater) =>
        Entry(version, started).IsLaterThan(Entry(other, otherStarted)).Should().Be(isLater);

    [TestCase(2, 1, true)]
    [TestCase(1, 1, true)]
    [TestCase(1, 2, false)]
    public void Versions_of_two_incarnations_are_not_compared(long started, long otherStarted, bool isLater)
    {
        Entry(1, started, "after").IsLaterThan(Entry(9, otherStarted, "before")).Should().Be(isLater);
        Entry(9, started, "after").IsLaterThan(Entry(1, otherStarted, "before")).Should().Be(isLater);
    }

    private static CurrentCreditEntry Entry(long? version, long started, string incarnation = "store") =>
        new(new CreditBalance(100, DateTimeOffset.UnixEpoch, version: version, incarnation: incarnation), started);
}
