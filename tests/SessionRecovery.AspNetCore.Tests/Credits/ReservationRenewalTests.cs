using FluentAssertions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Credits;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Tests.Hosting;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Tests.Credits;

/// <summary>Tests when a reservation is renewed, and how the renewals end.</summary>
[TestFixture]
internal sealed class ReservationRenewalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // A renewal that must not happen would happen within this time.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly List<DateTimeOffset> _attempts = [];
    private TemporaryFolder _folder = null!;
    private FakeTimeProvider _time = null!;
    private TestHost _host = null!;
    private FaultyStore _store = null!;
    private CreditReservation _reservation = null!;

    [SetUp]
    public async Task ReserveAsync()
    {
        _attempts.Clear();
        _folder = new TemporaryFolder();
        _time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        _host = await TestHost.StartAsync(_folder, (builder, recovery) =>
        {
            builder.Configuration.AddInMemoryCollection([new("SessionRecovery:Credits:RetryDelay", "00:00:00")]);
            builder.Services.AddSingleton<TimeProvider>(_time);
            recovery.UseSqlite($"Data Source={_folder.File("credits.db")}");
            FaultyStore.Install(builder.Services);
        });
        _store = _host.Services.GetRequiredService<FaultyStore>();
        _store.CutBefore = command => Record(command, fails: false);
        var ledger = _host.Services.GetRequiredService<ICreditLedger>();
        await ledger.InitializeAsync(UserId.Create("ann"));
        _reservation = (await ledger.ReserveAsync(UserId.Create("ann"), 5, IdempotencyKey.Create("key-1"))).Reservation!;
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public void Work_that_ends_before_the_first_renewal_waits_for_nothing() =>
        Renew(new PaidRequestOptions()).DisposeAsync().AsTask().IsCompletedSuccessfully.Should().BeTrue();

    [Test]
    public async Task A_failed_renewal_is_followed_by_another()
    {
        _store.CutBefore = command => Record(command, fails: true);
        await using var renewal = Renew(new PaidRequestOptions());

        AdvanceUntil(() => Attempts().Distinct().Count() >= 4, Patience).Should().BeTrue();
    }

    [Test]
    public async Task A_closed_reservation_is_not_renewed_again()
    {
        await _reservation.CaptureAsync();
        await using var renewal = Renew(new PaidRequestOptions());

        AdvanceUntil(() => Attempts().Count >= 1, Patience).Should().BeTrue();
        AdvanceUntil(() => Attempts().Count >= 2, Moment).Should().BeFalse();
    }

    [Test]
    public async Task No_renewal_follows_the_maximum_work_time()
    {
        await using var renewal = Renew(new PaidRequestOptions { MaxWorkTime = TimeSpan.FromSeconds(2) });

        AdvanceUntil(() => Attempts().Count >= 1, Moment).Should().BeFalse();
    }

    [Test]
    public async Task A_disposal_cancels_the_running_renewal_and_waits_for_it()
    {
        using var arrived = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        _store.CutBefore = command =>
        {
            if (Record(command, fails: true))
            {
                arrived.Set();
                goOn.Wait(Patience);
                return true;
            }

            return false;
        };
        var renewal = Renew(new PaidRequestOptions());
        _time.Advance(TimeSpan.FromSeconds(3));
        arrived.Wait(Patience).Should().BeTrue();

        var disposal = renewal.DisposeAsync().AsTask();
        disposal.IsCompleted.Should().BeFalse();
        goOn.Set();
        await disposal.WaitAsync(Patience);

        Attempts().Should().HaveCount(1, "a canceled renewal is not repeated");
    }

    private ReservationRenewal Renew(PaidRequestOptions options) => new(_reservation, _time.GetTimestamp(), options, _time);

    private bool Record(CreditCommand command, bool fails)
    {
        if (command is not CreditCommand.Renew)
        {
            return false;
        }

        lock (_attempts)
        {
            _attempts.Add(_time.GetUtcNow());
        }

        return fails;
    }

    private List<DateTimeOffset> Attempts()
    {
        lock (_attempts)
        {
            return [.. _attempts];
        }
    }

    private bool AdvanceUntil(Func<bool> condition, TimeSpan patience) => SpinWait.SpinUntil(
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return condition();
        },
        patience);
}
