using System.Diagnostics.Metrics;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
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
        (_host.TokenVerifier.Calls, _host.Store.Reads).Should().Be((1, 1));
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
        (_host.TokenVerifier.Calls, _host.Store.Reads).Should().Be((1, 2), "the read that was rejected is repeated once");
    }

    [Test]
    public async Task A_metrics_listener_that_throws_does_not_fail_a_recovery()
    {
        using var listener = new MeterListener();
        var meters = _host.Get<IMeterFactory>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters)
                && instrument.Name.StartsWith("session_recovery.recover", StringComparison.Ordinal))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => throw new InvalidOperationException("listener"));
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => throw new InvalidOperationException("listener"));
        listener.Start();

        await ShouldRecoverOnceAsync(_host);
    }

    [Test]
    public async Task A_log_provider_that_throws_does_not_fail_a_recovery([Values] bool fails)
    {
        await using var host = new CoreHost(configure: static builder =>
        {
            builder.UseCreditStore<ScriptedStore>();
            builder.Services.AddSingleton<ILoggerProvider, ThrowingLoggerProvider>();
            builder.AddRecoveryStep<ThrowingStep>();
        });
        host.Store.Read = _ => fails ? CreditReadResult.Unauthenticated : CreditReadResult.Current(host.Balance(100, version: 1));
        host.TokenVerifier.Verify = _ => TokenVerificationResult.Valid(CoreHost.Ann.User);

        await ShouldRecoverOnceAsync(host, fails ? SessionRecoveryOutcome.Failed : SessionRecoveryOutcome.NotNeeded);
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

    private static async Task ShouldRecoverOnceAsync(
        CoreHost host, SessionRecoveryOutcome outcome = SessionRecoveryOutcome.NotNeeded)
    {
        var first = await host.Get<ISessionRecoveryService>().RecoverAsync(CoreHost.Ann, "online");
        var second = await host.Get<ISessionRecoveryService>().RecoverAsync(CoreHost.Ann, "online");

        (first.Outcome, first.Repeated).Should().Be((outcome, false));
        (second.Outcome, second.Repeated).Should().Be((outcome, true), "the cooldown has begun");
    }

    private sealed class ThrowingStep : IRecoveryStep
    {
        public string Name => "throwing";

        public ValueTask<RecoveryStepResult> RunAsync(RecoveryContext context, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("step");
    }

    // Only the log category of recoveries is collected. A failed read is also logged, but is not the subject of this test.
    private sealed class ThrowingLoggerProvider : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) =>
            categoryName.StartsWith("SessionRecovery.Recovery", StringComparison.Ordinal) ? this : NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new IOException("The disk is full.");

        public void Dispose()
        {
        }
    }
}
