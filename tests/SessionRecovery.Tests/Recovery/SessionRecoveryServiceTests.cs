using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Recovery;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Recovery;

[TestFixture]
internal sealed class SessionRecoveryServiceTests
{
    private CoreHost _host = null!;

    private ISessionRecoveryService Recovery => _host.Get<ISessionRecoveryService>();

    [SetUp]
    public void Start()
    {
        _host = new CoreHost();
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        _host.TokenVerifier.Verify = _ => TokenVerificationResult.Valid(CoreHost.Ann.User);
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task A_healthy_session_is_left_alone()
    {
        var report = await Recovery.RecoverAsync(CoreHost.Ann, "new_epoch");

        report.Outcome.Should().Be(SessionRecoveryOutcome.NotNeeded);
        report.Steps.Should().BeEmpty();
        report.Credits.Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task A_session_rejected_by_the_store_is_verified_and_reloaded()
    {
        _host.Store.Read = _ => _host.Store.Reads == 1
            ? CreditReadResult.Unauthenticated
            : CreditReadResult.Current(_host.Balance(100, version: 1));

        var report = await Recovery.RecoverAsync(CoreHost.Ann, "unauthorized");

        report.Outcome.Should().Be(SessionRecoveryOutcome.Recovered);
        report.Steps.Select(step => (step.Name, step.Succeeded)).Should().Equal(("verify", true), ("reload_credits", true));
        report.Credits.Status.Should().Be(CreditReadStatus.Current);
    }

    [Test]
    public async Task A_session_rejected_by_the_token_verifier_cannot_be_recovered()
    {
        _host.TokenVerifier.Verify = _ => TokenVerificationResult.Rejected;

        var report = await Recovery.RecoverAsync(CoreHost.Ann, "unauthorized");

        report.Outcome.Should().Be(SessionRecoveryOutcome.Failed);
        report.Steps.Should().ContainSingle().Which.Reason.Should().Be("refused");
    }

    [Test]
    public async Task An_inconclusive_verification_drops_nothing()
    {
        await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.TokenVerifier.Verify = _ => TokenVerificationResult.Unavailable;

        var report = await Recovery.RecoverAsync(CoreHost.Ann, "online");

        report.Outcome.Should().Be(SessionRecoveryOutcome.Failed);
        report.Steps.Should().BeEmpty();
        report.Credits.Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task Callers_share_one_recovery_until_its_cooldown_ends()
    {
        _host.TokenVerifier.Verify = _ => TokenVerificationResult.Rejected;

        var reports = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Recovery.RecoverAsync(CoreHost.Ann, "unauthorized").AsTask()));
        var calls = _host.TokenVerifier.Calls;
        _host.Time.Advance(TimeSpan.FromSeconds(29));
        var within = await Recovery.RecoverAsync(CoreHost.Ann, "unauthorized");
        _host.TokenVerifier.Calls.Should().Be(calls);
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        var after = await Recovery.RecoverAsync(CoreHost.Ann, "unauthorized");

        reports.Should().OnlyContain(report => report.Outcome == SessionRecoveryOutcome.Failed);
        calls.Should().Be(1, "the steps reuse the result of the health check");
        within.Repeated.Should().BeTrue();
        within.RetryAfter.Should().BeCloseTo(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(10));
        after.Repeated.Should().BeFalse();
        _host.TokenVerifier.Calls.Should().Be(calls + 1);
    }

    [Test]
    public async Task A_new_token_skips_the_cooldown_of_the_old_one()
    {
        _host.TokenVerifier.Verify = token => token.Reveal() == "fresh"
            ? TokenVerificationResult.Valid(CoreHost.Ann.User)
            : TokenVerificationResult.Rejected;
        await Recovery.RecoverAsync(CoreHost.Ann, "unauthorized");

        var report = await Recovery.RecoverAsync(new UserSession(CoreHost.Ann.User, AccessToken.Create("fresh")), "unauthorized");

        report.Outcome.Should().Be(SessionRecoveryOutcome.NotNeeded);
        report.Repeated.Should().BeFalse();
    }

    [Test]
    public async Task A_canceled_caller_does_not_end_a_shared_recovery()
    {
        _host.Store.Gate = true;
        using var leaving = new CancellationTokenSource();
        var first = Recovery.RecoverAsync(CoreHost.Ann, "online", leaving.Token).AsTask();
        await _host.Store.WaitForReadAsync();
        var second = Recovery.RecoverAsync(CoreHost.Ann, "online").AsTask();

        await leaving.CancelAsync();
        await FluentActions.Awaiting(() => first).Should().ThrowAsync<OperationCanceledException>();
        _host.Store.ReleaseRead();

        (await second).Outcome.Should().Be(SessionRecoveryOutcome.NotNeeded);
    }
}
