using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Health;

[TestFixture]
internal sealed class SessionHealthMonitorTests
{
    private CoreHost _host = null!;

    [SetUp]
    public void Start()
    {
        _host = new CoreHost();
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(0, version: 1));
        _host.TokenVerifier.Verify = _ => TokenVerificationResult.Valid(CoreHost.Ann.User);
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task A_session_with_zero_credits_is_healthy()
    {
        var report = await CheckAsync();

        report.Status.Should().Be(SessionHealthStatus.Healthy);
        report.Entries.Select(check => check.Name).Should().Equal("authority", "credits");
    }

    [Test]
    public async Task A_token_rejected_by_the_token_verifier_is_unhealthy()
    {
        _host.TokenVerifier.Verify = _ => TokenVerificationResult.Rejected;

        (await CheckAsync()).Status.Should().Be(SessionHealthStatus.Unhealthy);
    }

    [Test]
    public async Task A_token_of_another_user_is_unhealthy()
    {
        _host.TokenVerifier.Verify = _ => TokenVerificationResult.Valid(UserId.Create("bob"));

        (await CheckAsync()).Status.Should().Be(SessionHealthStatus.Unhealthy);
    }

    [Test]
    public async Task Credits_rejected_by_the_store_are_unhealthy()
    {
        _host.Store.Read = _ => CreditReadResult.Unauthenticated;

        (await CheckAsync()).Status.Should().Be(SessionHealthStatus.Unhealthy);
    }

    [Test]
    public async Task An_unavailable_token_verifier_is_inconclusive()
    {
        _host.TokenVerifier.Verify = _ => throw new IOException("away");

        var report = await CheckAsync();

        report.Status.Should().Be(SessionHealthStatus.Inconclusive);
        report.Entries[0].Reason.Should().Be("failed");
        report.Entries[1].Status.Should().Be(SessionHealthStatus.Healthy, "the failure of one probe does not affect another");
    }

    [Test]
    public async Task An_unavailable_store_is_inconclusive()
    {
        _host.Store.Read = _ => throw new IOException("away");

        (await CheckAsync()).Status.Should().Be(SessionHealthStatus.Inconclusive);
    }

    [Test]
    public async Task A_hanging_probe_times_out_and_a_caller_cancellation_throws()
    {
        await using var host = new CoreHost(configure: builder => builder.AddProbe<HangingProbe>("hanging"));
        using var caller = new CancellationTokenSource();

        var timedOut = host.Get<ISessionHealthMonitor>().CheckAsync(CoreHost.Ann).AsTask();
        await host.AdvanceUntilAsync(timedOut);
        var cancelled = host.Get<ISessionHealthMonitor>().CheckAsync(CoreHost.Ann, caller.Token).AsTask();
        await caller.CancelAsync();

        (await timedOut).Entries.Single(check => check.Name == "hanging").Should().Match<SessionHealthReportEntry>(check =>
            check.Status == SessionHealthStatus.Inconclusive && check.Reason == "timed_out");
        await FluentActions.Awaiting(() => cancelled).Should().ThrowAsync<OperationCanceledException>();
    }

    [Test]
    public async Task A_probe_is_disposed_after_its_check()
    {
        var disposals = new Disposals();
        await using var host = new CoreHost(configure: builder =>
        {
            builder.Services.AddSingleton(disposals);
            builder.AddProbe<DisposableProbe>("disposable");
        });

        await host.Get<ISessionHealthMonitor>().CheckAsync(CoreHost.Ann);
        await host.Get<ISessionHealthMonitor>().CheckAsync(CoreHost.Ann);

        disposals.Count.Should().Be(2);
    }

    [Test]
    public async Task Two_probes_of_one_name_fail_the_start()
    {
        await using var host = new CoreHost(configure: builder =>
        {
            builder.Services.AddSingleton<Disposals>();
            builder.AddProbe<HangingProbe>("mine").AddProbe<DisposableProbe>("mine");
        });

        FluentActions.Invoking(() => host.Get<IOptions<HealthOptions>>().Value).Should().Throw<OptionsValidationException>()
            .WithMessage("AddProbe<HangingProbe>(\"mine\") and AddProbe<DisposableProbe>(\"mine\") have the same name*");
    }

    [Test]
    public async Task A_check_has_no_side_effects()
    {
        _host.Store.Read = _ => CreditReadResult.NotFound;

        (await CheckAsync()).Status.Should().Be(SessionHealthStatus.Healthy);
        _host.Store.Commands.Should().Be(0);
    }

    private async Task<SessionHealthReport> CheckAsync() => await _host.Get<ISessionHealthMonitor>().CheckAsync(CoreHost.Ann);

    private sealed class Disposals
    {
        public int Count { get; set; }
    }

    private sealed class DisposableProbe(Disposals disposals) : ISessionProbe, IDisposable
    {
        public ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken) => new(ProbeResult.Healthy());

        public void Dispose() => disposals.Count++;
    }

    private sealed class HangingProbe : ISessionProbe
    {
        // This probe deliberately ignores its cancellation token, because the health monitor must not depend on cooperative probes.
        public ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken) =>
            new(new TaskCompletionSource<ProbeResult>().Task);
    }
}
