using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests which commands a reservation sends to the store when it is settled, released and disposed.</summary>
[TestFixture]
internal sealed class CreditReservationTests
{
    private readonly List<CreditCommand> _sent = [];
    private CoreHost _host = null!;
    private CreditCommandStatus _releaseStatus;
    private CreditCommandStatus _settleStatus;
    private bool _isSettleKnown;

    private static OpenCreditReservation Open { get; } = new()
    {
        Id = Guid.NewGuid(),
        User = CoreHost.Ann.User,
        Key = IdempotencyKey.Create("job-1"),
        Attempt = 4,
        Amount = 9,
        ExpiresAt = DateTimeOffset.UnixEpoch,
    };

    [SetUp]
    public void Start()
    {
        _sent.Clear();
        _releaseStatus = CreditCommandStatus.Done;
        _settleStatus = CreditCommandStatus.Done;
        _isSettleKnown = true;
        _host = new CoreHost();
        _host.Store.Apply = command =>
        {
            _sent.Add(command);
            return command switch
            {
                CreditCommand.Reserve => new(CreditCommandStatus.Done) { ReservationId = Guid.NewGuid(), Attempt = 1 },
                CreditCommand.Claim claim => new(CreditCommandStatus.Done)
                {
                    ReservationId = claim.ReservationId,
                    Attempt = claim.Attempt + 1,
                },
                CreditCommand.Release => new(_releaseStatus),
                CreditCommand.Settle when !_isSettleKnown => throw new NotSupportedException("on purpose"),
                CreditCommand.Settle => new(_settleStatus),
                _ => new(CreditCommandStatus.Done),
            };
        };
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Disposing_releases_after_a_release_that_was_canceled()
    {
        var reservation = await ReserveAsync();

        await FluentActions.Awaiting(() => reservation.ReleaseAsync(new CancellationToken(canceled: true)))
            .Should().ThrowAsync<OperationCanceledException>();
        await reservation.DisposeAsync();

        Releases.Should().Be(1);
    }

    [TestCase(CreditCommandStatus.Unknown)]
    [TestCase(CreditCommandStatus.Busy)]
    public async Task Disposing_releases_again_after_a_release_that_may_not_have_taken_effect(CreditCommandStatus status)
    {
        var reservation = await ReserveAsync();
        _releaseStatus = status;
        (await reservation.ReleaseAsync()).Status.Should().Be(status);

        await reservation.DisposeAsync();

        Releases.Should().Be(2);
    }

    [Test]
    public async Task Disposing_sends_nothing_after_a_release()
    {
        var reservation = await ReserveAsync();
        await reservation.ReleaseAsync();

        await reservation.DisposeAsync();

        Releases.Should().Be(1);
    }

    [Test]
    public async Task Disposing_sends_nothing_after_a_capture()
    {
        var reservation = await ReserveAsync();
        await reservation.CaptureAsync();

        await reservation.DisposeAsync();

        Releases.Should().Be(0);
    }

    [Test]
    public async Task A_settlement_sends_its_amount_once()
    {
        var reservation = await ReserveAsync();

        await reservation.SettleAsync(3);
        await reservation.SettleAsync(3);
        await reservation.CaptureAsync();
        await reservation.DisposeAsync();

        _sent.OfType<CreditCommand.Settle>().Should().ContainSingle().Which.Amount.Should().Be(3);
        _sent.Should().HaveCount(2, "a repeated settlement, a capture and the disposal send nothing");
    }

    [Test]
    public async Task The_store_decides_a_settlement_with_another_amount()
    {
        var reservation = await ReserveAsync();
        await reservation.CaptureAsync();

        await reservation.SettleAsync(5);
        await reservation.SettleAsync(3);

        _sent.OfType<CreditCommand.Settle>().Should().ContainSingle().Which.Amount.Should().Be(3);
    }

    [TestCase(CreditCommandStatus.Unknown, 0)]
    [TestCase(CreditCommandStatus.Busy, 1)]
    public async Task A_settlement_without_a_result_is_sent_again(CreditCommandStatus status, int releases)
    {
        var reservation = await ReserveAsync();
        _settleStatus = status;
        await reservation.SettleAsync(3);
        await reservation.SettleAsync(3);

        await reservation.DisposeAsync();

        _sent.OfType<CreditCommand.Settle>().Should().HaveCountGreaterThanOrEqualTo(2).And.OnlyContain(settle => settle.Amount == 3);
        Releases.Should().Be(releases, "only a settlement that may have taken effect prevents the release");
    }

    [TestCase(-1)]
    [TestCase(6)]
    public async Task A_settlement_outside_the_reservation_is_not_sent(long actual)
    {
        var reservation = await ReserveAsync();

        var exception = await FluentActions.Awaiting(() => reservation.SettleAsync(actual))
            .Should().ThrowAsync<ArgumentOutOfRangeException>();

        exception.Which.ParamName.Should().Be("actual");
        exception.Which.Message.Should().Contain("from 0 to the reserved amount, which is 5");
        _sent.Should().NotContain(command => command is CreditCommand.Settle);
    }

    [TestCase(CreditCommandStatus.Unknown)]
    [TestCase(CreditCommandStatus.Busy)]
    public async Task A_capture_repeats_a_settlement_without_a_result(CreditCommandStatus status)
    {
        var reservation = await ReserveAsync();
        _settleStatus = status;
        var response = new StoredResponse(200, "text/plain", location: null, body: null);
        await reservation.SettleAsync(3, response);
        _settleStatus = CreditCommandStatus.Done;

        (await reservation.CaptureAsync()).Status.Should().Be(CreditCommandStatus.Done);

        _sent.OfType<CreditCommand.Settle>().Should().HaveCount(2)
            .And.OnlyContain(settle => settle.Amount == 3 && settle.Response == response);
        _sent.Should().NotContain(command => command is CreditCommand.Capture, "the rest of the reservation must not be charged");
    }

    [Test]
    public async Task A_repeated_capture_keeps_the_later_response()
    {
        var reservation = await ReserveAsync();
        _settleStatus = CreditCommandStatus.Busy;
        var response = new StoredResponse(201, "text/plain", location: null, body: null);
        await reservation.SettleAsync(3, new StoredResponse(200, "text/plain", location: null, body: null));

        await reservation.CaptureAsync(response);

        _sent[^1].Should().BeOfType<CreditCommand.Settle>().Which.Response.Should().BeSameAs(response);
    }

    [Test]
    public async Task A_later_settlement_replaces_one_without_effect()
    {
        var reservation = await ReserveAsync();
        _settleStatus = CreditCommandStatus.Busy;
        await reservation.SettleAsync(3);

        await reservation.SettleAsync(2);

        _sent.OfType<CreditCommand.Settle>().Select(static settle => settle.Amount).Should().Equal(3, 2);
    }

    [Test]
    public async Task A_release_after_a_settlement_returns_its_result()
    {
        var reservation = await ReserveAsync();
        _settleStatus = CreditCommandStatus.Superseded;
        await reservation.SettleAsync(0);

        (await reservation.ReleaseAsync()).Status.Should().Be(CreditCommandStatus.Superseded);

        Releases.Should().Be(0);
    }

    [Test]
    public async Task A_settlement_that_the_store_does_not_know_can_be_released()
    {
        var reservation = await ReserveAsync();
        _isSettleKnown = false;
        await FluentActions.Awaiting(() => reservation.SettleAsync(3)).Should().ThrowAsync<NotSupportedException>();

        await reservation.DisposeAsync();

        Releases.Should().Be(1, "the store did not apply the settlement");
    }

    [Test]
    public async Task A_capture_follows_a_settlement_that_the_store_does_not_know()
    {
        var reservation = await ReserveAsync();
        _isSettleKnown = false;
        await FluentActions.Awaiting(() => reservation.SettleAsync(3)).Should().ThrowAsync<NotSupportedException>();

        (await reservation.CaptureAsync()).Status.Should().Be(CreditCommandStatus.Done);

        _sent[^1].Should().BeOfType<CreditCommand.Capture>();
    }

    [Test]
    public async Task A_kept_reservation_stays_open_when_it_is_disposed()
    {
        var reservation = await ReserveAsync(new CreditReservationOptions { KeepOnDispose = true });

        await reservation.DisposeAsync();
        Releases.Should().Be(0);

        (await reservation.ReleaseAsync()).Status.Should().Be(CreditCommandStatus.Done);
        Releases.Should().Be(1);
    }

    [Test]
    public async Task A_claimed_reservation_uses_the_next_attempt()
    {
        var claim = await _host.Get<ICreditLedger>().ClaimAsync(Open, TimeSpan.FromHours(1));

        claim.Succeeded.Should().BeTrue();
        await claim.Reservation!.RenewAsync(TimeSpan.FromHours(24));
        await claim.Reservation.SettleAsync(9);

        (claim.Reservation.Id, claim.Reservation.Attempt, claim.Reservation.Amount).Should().Be((Open.Id, 5, 9));
        _sent.Select(command => command with { Deadline = null }).Should().Equal(
            new CreditCommand.Claim(Open.User, Open.Id, 4, TimeSpan.FromHours(1)),
            new CreditCommand.Renew(Open.User, Open.Id, 5, TimeSpan.FromHours(24)),
            new CreditCommand.Settle(Open.User, Open.Id, 5, 9));
    }

    [Test]
    public async Task A_claimed_reservation_survives_a_stop_of_its_worker()
    {
        using var stopping = new CancellationTokenSource();
        async Task WorkAsync()
        {
            var claim = await _host.Get<ICreditLedger>().ClaimAsync(Open, TimeSpan.FromHours(1), stopping.Token);
            await using var reservation = claim.Reservation!;
            await stopping.CancelAsync();
            stopping.Token.ThrowIfCancellationRequested();
        }

        await FluentActions.Awaiting(WorkAsync).Should().ThrowAsync<OperationCanceledException>();

        _sent.Should().ContainSingle().Which.Should().BeOfType<CreditCommand.Claim>();
    }

    [Test]
    public async Task A_lost_claim_has_no_known_result()
    {
        await using var host = new CoreHost(static credits => credits.MaxAttempts = 2);
        var attempts = 0;
        host.Store.Apply = _ => ++attempts == 1 ? throw new IOException("lost") : new(CreditCommandStatus.Superseded);

        var claim = await host.Get<ICreditLedger>().ClaimAsync(Open, TimeSpan.FromHours(1));

        (claim.Status, attempts).Should().Be((CreditCommandStatus.Unknown, 2), "the lost attempt may have succeeded");
    }

    private int Releases => _sent.OfType<CreditCommand.Release>().Count();

    private async Task<CreditReservation> ReserveAsync(CreditReservationOptions? options = null) =>
        (await _host.Get<ICreditLedger>().ReserveAsync(CoreHost.Ann.User, 5, IdempotencyKey.Create("job-1"), options)).Reservation!;
}
