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

    [SetUp]
    public void Start()
    {
        _sent.Clear();
        _releaseStatus = CreditCommandStatus.Done;
        _settleStatus = CreditCommandStatus.Done;
        _host = new CoreHost();
        _host.Store.Apply = command =>
        {
            _sent.Add(command);
            return command switch
            {
                CreditCommand.Reserve => new(CreditCommandStatus.Done) { ReservationId = Guid.NewGuid(), Attempt = 1 },
                CreditCommand.Release => new(_releaseStatus),
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

    [Test]
    public async Task An_attached_reservation_sends_its_id_and_attempt()
    {
        var open = new OpenCreditReservation
        {
            Id = Guid.NewGuid(),
            User = CoreHost.Ann.User,
            Key = IdempotencyKey.Create("job-1"),
            Attempt = 4,
            Amount = 9,
            ExpiresAt = DateTimeOffset.UnixEpoch,
        };
        var reservation = _host.Get<ICreditLedger>().Attach(open);
        _sent.Should().BeEmpty();

        await reservation.RenewAsync(TimeSpan.FromHours(24));
        await reservation.SettleAsync(9);

        (reservation.Id, reservation.Attempt, reservation.Amount).Should().Be((open.Id, 4, 9));
        _sent.Select(command => command with { Deadline = null }).Should().Equal(
            new CreditCommand.Renew(open.User, open.Id, 4, TimeSpan.FromHours(24)),
            new CreditCommand.Settle(open.User, open.Id, 4, 9));
    }

    private int Releases => _sent.OfType<CreditCommand.Release>().Count();

    private async Task<CreditReservation> ReserveAsync() =>
        (await _host.Get<ICreditLedger>().ReserveAsync(CoreHost.Ann.User, 5, IdempotencyKey.Create("job-1"))).Reservation!;
}
