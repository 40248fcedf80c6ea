using System.Diagnostics.Metrics;
using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Diagnostics;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests the instruments for credits and their tags.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CreditMetricsTests : IDisposable
{
    private readonly CoreHost _host = new(static options => options.MaxAttempts = 3);
    private readonly MeterListener _listener = new();
    private readonly List<Instrument> _instruments = [];
    private readonly List<string> _measured = [];

    public CreditMetricsTests()
    {
        var factory = _host.Get<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == SessionRecoveryDiagnostics.MeterName && ReferenceEquals(instrument.Meter.Scope, factory))
            {
                _instruments.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) =>
        {
            lock (_measured)
            {
                _measured.Add($"{instrument.Name}{string.Concat(tags.ToArray().Select(static tag => $" {tag.Key}={tag.Value}"))} {count}");
            }
        });
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task A_read_is_counted_by_status_and_source()
    {
        await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        await _host.Credits.ReadAsync(CoreHost.Ann);
        await _host.Credits.ReadAsync(CoreHost.Ann);

        _measured.Where(static text => text.StartsWith("session_recovery.credit_reads ", StringComparison.Ordinal)).Should().Equal(
            "session_recovery.credit_reads status=unavailable source=store 1",
            "session_recovery.credit_reads status=known source=store 1",
            "session_recovery.credit_reads status=known source=cache 1");
        _instruments.Should().OnlyContain(static instrument => instrument.Unit == "{read}" || instrument.Unit == "{retry}")
            .And.OnlyContain(static instrument => instrument.Description!.EndsWith('.'));
    }

    [Test]
    public async Task Each_retry_is_counted()
    {
        _host.Store.Apply = static _ => CreditCommandResult.Busy;

        await _host.Get<ICreditLedger>().ConsumeAsync(CoreHost.Ann.User, 5, IdempotencyKey.Create("k"));
        await _host.Credits.ReadAsync(CoreHost.Ann);

        _measured.Should().Equal(
            "session_recovery.credit_command.retries 1",
            "session_recovery.credit_command.retries 1",
            "session_recovery.credit_read.retries 1",
            "session_recovery.credit_read.retries 1",
            "session_recovery.credit_reads status=unavailable source=store 1");
    }
}
