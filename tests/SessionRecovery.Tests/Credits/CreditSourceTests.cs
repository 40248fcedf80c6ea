using FluentAssertions;
using Microsoft.Extensions.Options;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Credits.Internal;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests that a host has one source of credits, and that the start names the calls of two sources.</summary>
[TestFixture]
internal sealed class CreditSourceTests
{
    private static readonly CreditSource Store = new("UseStore()", typeof(ScriptedStore), IsLedger: true, Replaces: typeof(PropertyReader));
    private static readonly CreditSource Reader = new("UseReader()", typeof(PropertyReader), IsLedger: false, Replaces: null);
    private static readonly CreditSource Other = new("UseOther()", typeof(ICreditReader), IsLedger: false, Replaces: null);

    [Test]
    public void A_store_replaces_the_reader_of_its_provider()
    {
        foreach (var sources in (CreditSource[][])[[Store, Reader], [Reader, Store]])
        {
            var selector = new CreditSourceSelector(sources);

            selector.Reader.Should().Be<ScriptedStore>();
            Validate(selector).Succeeded.Should().BeTrue();
        }
    }

    [Test]
    public void A_repeated_call_is_one_source()
    {
        var selector = new CreditSourceSelector([Reader, Reader with { }]);

        selector.Reader.Should().Be<PropertyReader>();
        Validate(selector).Succeeded.Should().BeTrue();
    }

    [Test]
    public void Two_sources_end_the_start_with_both_calls()
    {
        var selector = new CreditSourceSelector([Store, Other, Reader]);

        Validate(selector).FailureMessage.Should().Contain("UseStore() and UseOther() each").And.Contain("Keep only one")
            .And.NotContain("UseReader");
        FluentActions.Invoking(() => selector.Reader).Should().Throw<InvalidOperationException>().WithMessage("UseStore() and UseOther()*");
    }

    [Test]
    public void A_missing_source_names_the_calls_that_add_one()
    {
        var selector = new CreditSourceSelector([]);

        Validate(selector).Succeeded.Should().BeTrue("a host may use only the other features");
        FluentActions.Invoking(() => selector.Reader).Should().Throw<InvalidOperationException>().WithMessage("No source*UseCreditReader*");
    }

    private static ValidateOptionsResult Validate(CreditSourceSelector selector) => selector.Validate(null, new CreditOptions());
}
