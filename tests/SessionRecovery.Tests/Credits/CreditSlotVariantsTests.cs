using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits.Internal;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests how many sets of session properties of one user have a slot.</summary>
[TestFixture]
internal sealed class CreditSlotVariantsTests
{
    [Test]
    public void The_seventeenth_slot_replaces_the_oldest_one()
    {
        var variants = Enumerable.Range(1, 16).Aggregate(CreditSlotVariants.Empty, static (all, number) => all.Add($"t{number}"));
        variants.Find("t1").Should().NotBeNull();

        variants = variants.Add("t17");

        variants.Find("t1").Should().BeNull();
        variants.Find("t2").Should().NotBeNull();
        variants.Find("t17").Should().NotBeNull();
    }

    [Test]
    public void A_repeated_key_keeps_its_slot()
    {
        var variants = CreditSlotVariants.Empty.Add("a").Add("b");

        variants.Add("a").Should().BeSameAs(variants);

        variants.Find("a").Should().NotBeSameAs(variants.Find("b"));
        variants.Find("A").Should().BeNull();
    }

    [Test]
    public void Each_slot_has_a_successor()
    {
        var variants = CreditSlotVariants.Empty.Add("a").Add("b");

        var replaced = variants.Replace(static slot => slot.CreateEmpty());

        replaced.Find("a").Should().NotBeNull().And.NotBeSameAs(variants.Find("a"));
        replaced.Find("b").Should().NotBeNull().And.NotBeSameAs(variants.Find("b"));
    }
}
