using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests which commands a reservation sends to the store when it is released and when it is disposed.</summary>
[TestFixture]
internal sealed class CreditReservationTests
{
    private readonly List<CreditCommand> _sent = [];
    private CoreHost _host = null!;
    private CreditCommandStatus _releaseStatus;

    [SetUp]
    public void Start()
    {
        _sent.Clear();
        _releaseStatus = CreditCommandStatus.Done;
        _host = new CoreHost();
        _host.Store.Apply = command =>
        {
            _sent.Add(command);
            return command switch
            {
                CreditCommand.Reserve => new(CreditCommandStatus.Done) { ReservationId = Guid.NewGuid(), Attempt = 1 },
                CreditCommand.Release => new(_releaseStatus),
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

    private int Releases => _sent.OfType<CreditCommand.Release>().Count();

    private async Task<CreditReservation> ReserveAsync() =>
        (await _host.Get<ICreditLedger>().ReserveAsync(CoreHost.Ann.User, 5, IdempotencyKey.Create("job-1"))).Reservation!;
}
