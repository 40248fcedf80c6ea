using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Recovery;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Health;

/// <summary>Tests that a client cannot cause an unlimited number of calls from the host to the token's issuer.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TokenVerificationTests : IAsyncDisposable
{
    private readonly CoreHost _host = new();

    public TokenVerificationTests()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        _host.TokenVerifier.Verify = static _ => TokenVerificationResult.Valid(CoreHost.Ann.User);
    }

    private ITokenVerificationService Verification => _host.Get<ITokenVerificationService>();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Test]
    public async Task Any_number_of_checks_verify_once_per_interval()
    {
        for (var tenth = 0; tenth < 50; tenth++)
        {
            var reports = await Task.WhenAll(
                Enumerable.Range(0, 16).Select(_ => _host.Get<ISessionHealthMonitor>().CheckAsync(CoreHost.Ann).AsTask()));
            reports.Should().OnlyContain(static report => report.Status == SessionHealthStatus.Healthy);
            _host.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        _host.TokenVerifier.Calls.Should().Be(5);
    }

    [Test]
    public async Task A_recovery_sees_a_rejection_after_the_interval()
    {
        await Verification.VerifyAsync(CoreHost.Ann);
        _host.TokenVerifier.Verify = static _ => TokenVerificationResult.Rejected;
        _host.Time.Advance(TimeSpan.FromSeconds(1));

        var result = await _host.Get<ISessionRecoveryService>().RecoverAsync(CoreHost.Ann, "unauthorized");

        result.Outcome.Should().Be(SessionRecoveryOutcome.Failed);
        result.Steps.Should().Contain(static step => step.Reason == "refused");
    }

    [Test]
    public async Task Users_and_tokens_are_verified_apart()
    {
        await Verification.VerifyAsync(CoreHost.Ann);
        await Verification.VerifyAsync(new UserSession(CoreHost.Ann.User, AccessToken.Create("another-token-of-ann")));
        await Verification.VerifyAsync(new UserSession(UserId.Create("ben"), CoreHost.Ann.Token));

        _host.TokenVerifier.Calls.Should().Be(3);
    }

    [Test]
    public async Task The_end_of_a_session_forgets_its_result()
    {
        await Verification.VerifyAsync(CoreHost.Ann);
        _host.TokenVerifier.Verify = static _ => TokenVerificationResult.Rejected;

        Verification.Forget(CoreHost.Ann);
        var verification = Verification.VerifyAsync(CoreHost.Ann).AsTask();
        await _host.AdvanceUntilAsync(verification);

        (await verification).Status.Should().Be(TokenVerificationStatus.Rejected);
    }

    [Test]
    public async Task Ending_the_session_does_not_lift_the_limit()
    {
        var verifications = new List<Task<TokenVerificationResult>>();
        for (var tenth = 0; tenth < 50; tenth++)
        {
            verifications.Add(Verification.VerifyAsync(CoreHost.Ann).AsTask());
            Verification.Forget(CoreHost.Ann);
            _host.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        await _host.AdvanceUntilAsync(Task.WhenAll(verifications));

        _host.TokenVerifier.Calls.Should().BeLessThanOrEqualTo(7);
    }

    [Test]
    public async Task A_failure_is_shared_too_and_ends_with_the_interval()
    {
        _host.TokenVerifier.Verify = static _ => throw new HttpRequestException("Connection refused.");
        for (var i = 0; i < 5; i++)
        {
            await FluentActions.Awaiting(() => Verification.VerifyAsync(CoreHost.Ann).AsTask()).Should().ThrowAsync<HttpRequestException>();
        }

        _host.TokenVerifier.Calls.Should().Be(1);
        _host.TokenVerifier.Verify = static _ => TokenVerificationResult.Valid(CoreHost.Ann.User);
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        (await Verification.VerifyAsync(CoreHost.Ann)).Status.Should().Be(TokenVerificationStatus.Valid);
    }

    [Test]
    public async Task A_caller_that_leaves_does_not_end_the_verification()
    {
        using var release = new ManualResetEventSlim();
        _host.TokenVerifier.Verify = _ =>
        {
            release.Wait();
            return TokenVerificationResult.Valid(CoreHost.Ann.User);
        };
        using var left = new CancellationTokenSource();
        var leaving = Verification.VerifyAsync(CoreHost.Ann, left.Token).AsTask();
        var staying = Verification.VerifyAsync(CoreHost.Ann).AsTask();

        await left.CancelAsync();
        await FluentActions.Awaiting(() => leaving).Should().ThrowAsync<OperationCanceledException>();
        release.Set();

        (await staying).Status.Should().Be(TokenVerificationStatus.Valid);
        _host.TokenVerifier.Calls.Should().Be(1);
    }

    [Test]
    public async Task A_session_without_a_token_is_not_verified()
    {
        (await Verification.VerifyAsync(new UserSession(UserId.Create("ann")))).Status.Should().Be(TokenVerificationStatus.Unavailable);

        _host.TokenVerifier.Calls.Should().Be(0);
    }
}
