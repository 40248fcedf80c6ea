using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>Sessions of one user with different properties have balances of their own.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SessionPropertiesTests
{
    private readonly CoreHost _host;
    private Dictionary<string, long> _wallets = new() { ["a"] = 10, ["b"] = 500, [""] = 1 };

    public SessionPropertiesTests()
    {
        _host = new CoreHost(
            static options => options.UnversionedCacheDuration = TimeSpan.FromSeconds(30),
            static builder => builder.UseCreditReader<PropertyReader>());
        _host.Store.Read = session => CreditReadResult.Current(
            new CreditBalance(_wallets[session.Properties.GetValueOrDefault("tenant", "")], _host.Time.GetUtcNow()));
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Each_set_of_properties_has_its_own_balance()
    {
        (await ReadAsync("a"), await ReadAsync("b"), await ReadAsync(null), await ReadAsync("a")).Should().Be((10L, 500L, 1L, 10L));
        _host.Store.Reads.Should().Be(3);
    }

    [Test]
    public async Task An_invalidation_concerns_every_set_of_properties()
    {
        _ = (await ReadAsync("a"), await ReadAsync("b"), await ReadAsync(null));
        _wallets = new() { ["a"] = 11, ["b"] = 501, [""] = 2 };

        _host.Credits.Invalidate(CoreHost.Ann.User);
        _host.Time.Advance(TimeSpan.FromSeconds(1));

        (await ReadAsync("a"), await ReadAsync("b"), await ReadAsync(null)).Should().Be((11L, 501L, 2L));
    }

    [Test]
    public async Task A_sign_out_forgets_every_set_of_properties()
    {
        _ = (await ReadAsync("a"), await ReadAsync("b"));
        _host.Store.Read = static _ => CreditReadResult.Unavailable;

        _host.Credits.Forget(CoreHost.Ann.User);
        _host.Time.Advance(TimeSpan.FromSeconds(1));

        (await _host.Credits.ReadAsync(Session("a"))).Status.Should().Be(CreditReadStatus.Unavailable);
        (await _host.Credits.ReadAsync(Session("b"))).Status.Should().Be(CreditReadStatus.Unavailable);
    }

    [Test]
    public async Task A_load_that_hangs_delays_no_other_tenant()
    {
        _host.Store.Gate = true;
        var hanging = ReadAsync("a");
        await _host.Store.WaitForReadAsync();
        _host.Store.Gate = false;

        (await ReadAsync("b").WaitAsync(TimeSpan.FromSeconds(30))).Should().Be(500);
        _host.Store.ReleaseRead();
        (await hanging).Should().Be(10);
    }

    [Test]
    public async Task Changing_properties_cannot_cause_any_number_of_loads()
    {
        _wallets = Enumerable.Range(0, 40).ToDictionary(static number => $"t{number}", static number => (long)number);

        var reads = Enumerable.Range(0, 40).Select(number => ReadAsync($"t{number}")).ToArray();
        var advanced = await _host.AdvanceUntilAsync(Task.WhenAll(reads));

        reads.Select(static read => read.Result).Should().Equal(Enumerable.Range(0, 40).Select(static number => (long)number));
        advanced.Should().BeGreaterThan(TimeSpan.FromMilliseconds(900));
    }

    [Test]
    public async Task The_order_of_properties_does_not_matter()
    {
        _host.Store.Read = _ => CreditReadResult.Current(new CreditBalance(3, _host.Time.GetUtcNow()));

        await _host.Credits.ReadAsync(CoreHost.Ann.WithProperties([new("x", "1"), new("y", "2")]));
        await _host.Credits.ReadAsync(CoreHost.Ann.WithProperties([new("y", "2"), new("x", "1")]));

        _host.Store.Reads.Should().Be(1);
    }

    [TestCase("x", "1y1:2", "x", "1")]
    [TestCase("a1", ":b", "a", "1:b")]
    [TestCase("tenant", "A", "tenant", "a")]
    public async Task Similar_properties_are_different(string name, string value, string otherName, string otherValue)
    {
        _host.Store.Read = _ => CreditReadResult.Current(new CreditBalance(3, _host.Time.GetUtcNow()));

        await _host.Credits.ReadAsync(CoreHost.Ann.WithProperties([new(name, value)]));
        await _host.Credits.ReadAsync(CoreHost.Ann.WithProperties([new(otherName, otherValue)]));

        _host.Store.Reads.Should().Be(2);
    }

    [Test]
    public async Task A_version_token_of_one_tenant_does_not_bind_another()
    {
        _host.Store.Read = session => CreditReadResult.Current(_host.Balance(5, session.Properties["tenant"] == "a" ? 9 : 2));
        var first = await _host.Credits.ReadAsync(Session("a"));
        var versionToken = CreditVersionToken.Create(Session("a"), first.Balance!)!.Value;

        var second = await _host.Credits.ReadAsync(Session("b"), new CreditReadOptions { VersionToken = versionToken });

        second.Status.Should().Be(CreditReadStatus.Current);
        versionToken.Allows(Session("a"), _host.Balance(5, 8)).Should().BeFalse();
    }

    [Test]
    public async Task A_ledger_ignores_the_properties()
    {
        await using var host = new CoreHost();
        host.Store.Read = _ => CreditReadResult.Current(host.Balance(100, 1));
        host.Store.Apply = _ => new CreditCommandResult(CreditCommandStatus.Done, host.Balance(95, 2));

        await host.Credits.ReadAsync(Session("a"));
        await host.Get<ICreditLedger>().ConsumeAsync(CoreHost.Ann.User, 5, IdempotencyKey.Create("key"));

        (await host.Credits.ReadAsync(Session("a"))).Balance!.Available.Should().Be(95);
        (await host.Credits.ReadAsync(Session("b"))).Balance!.Available.Should().Be(95);
        host.Store.Reads.Should().Be(1);
    }

    [Test]
    public void Properties_have_limits()
    {
        Action[] invalid =
        [
            static () => CoreHost.Ann.WithProperties(null!),
            static () => CoreHost.Ann.WithProperties([new("", "value")]),
            static () => CoreHost.Ann.WithProperties([new(new string('n', 65), "value")]),
            static () => CoreHost.Ann.WithProperties([new("name", new string('v', 257))]),
            static () => CoreHost.Ann.WithProperties([new("name", null!)]),
            static () => CoreHost.Ann.WithProperties(Enumerable.Range(0, 9).Select(static n => KeyValuePair.Create($"n{n}", "v"))),
        ];

        invalid.Should().AllSatisfy(static action => action.Should().Throw<ArgumentException>());
        var largest = Enumerable.Range(0, 8).Select(static n => KeyValuePair.Create(new string((char)('a' + n), 64), new string('v', 256)));
        CoreHost.Ann.WithProperties(largest).Properties.Should().HaveCount(8);
        Session("secret").ToString().Should().NotContain("secret");
    }

    private static UserSession Session(string? tenant) =>
        tenant is null ? CoreHost.Ann : CoreHost.Ann.WithProperties([new("tenant", tenant)]);

    private async Task<long> ReadAsync(string? tenant) => (await _host.Credits.ReadAsync(Session(tenant))).Balance!.Available;
}
