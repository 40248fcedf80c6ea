using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests the commands that the ledger sends, and their effect on the cached balance.</summary>
[TestFixture]
internal sealed class CreditLedgerTests
{
    private static readonly UserId Ann = UserId.Create("ann");
    private static readonly IdempotencyKey Key = IdempotencyKey.Create("k");

    private readonly List<CreditCommand> _sent = [];
    private CoreHost _host = null!;
    private CreditCommandStatus _status;

    private ICreditLedger Ledger => _host.Get<ICreditLedger>();

    [SetUp]
    public void Start()
    {
        _sent.Clear();
        _status = CreditCommandStatus.Done;
        _host = new CoreHost();
        _host.Store.Apply = command =>
        {
            _sent.Add(command with { Deadline = null });
            var balance = _host.Balance(150, version: 2);
            return new(_status, _status == CreditCommandStatus.Done ? balance : null) { EntryId = 7 };
        };
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Each_call_sends_one_command_with_its_arguments()
    {
        await Ledger.GrantAsync(Ann, 50, Key, "order 7");
        await Ledger.RefundAsync(Ann, 3, null, Key, "broken");
        await Ledger.AdjustAsync(Ann, -5, Key, "eve", "correction");

        _sent.Should().Equal(
            new CreditCommand.Grant(Ann, 50, Key, "order 7"),
            new CreditCommand.Refund(Ann, 3, null, Key, "broken"),
            new CreditCommand.Adjust(Ann, -5, Key, "eve", "correction"));
    }

    [Test]
    public async Task A_granted_balance_is_cached()
    {
        (await Ledger.GrantAsync(Ann, 50, Key)).EntryId.Should().Be(7);

        var read = await _host.Get<ICreditService>().ReadAsync(new UserSession(Ann));

        read.Balance!.Available.Should().Be(150);
        _host.Store.Reads.Should().Be(0);
    }

    [Test]
    public async Task A_refund_or_an_adjustment_creates_no_account()
    {
        _status = CreditCommandStatus.NotInitialized;

        (await Ledger.RefundAsync(Ann, 3, 1, Key)).Status.Should().Be(CreditCommandStatus.NotInitialized);
        (await Ledger.AdjustAsync(Ann, 1, Key, "eve", "correction")).Status.Should().Be(CreditCommandStatus.NotInitialized);

        _sent.Should().HaveCount(2).And.NotContain(command => command is CreditCommand.Initialize);
    }

    [Test]
    public async Task A_charge_or_a_reservation_creates_a_missing_account()
    {
        Script(CreditCommandStatus.NotInitialized, CreditCommandStatus.Done, CreditCommandStatus.Done);
        (await Ledger.ConsumeAsync(Ann, 5, Key, "why")).Status.Should().Be(CreditCommandStatus.Done);
        var consume = new CreditCommand.Consume(Ann, 5, Key, "why");
        _sent.Should().Equal(consume, new CreditCommand.Initialize(Ann), consume);

        Script(CreditCommandStatus.NotInitialized, CreditCommandStatus.Done, CreditCommandStatus.Done);
        (await Ledger.ReserveAsync(Ann, 5, Key)).Succeeded.Should().BeTrue();
        var reserve = new CreditCommand.Reserve(Ann, 5, Key, TimeSpan.FromMinutes(15));
        _sent.Should().Equal(reserve, new CreditCommand.Initialize(Ann), reserve);
    }

    [TestCase(CreditCommandStatus.Busy, CreditCommandStatus.Busy)]
    [TestCase(CreditCommandStatus.Unknown, CreditCommandStatus.Unknown)]
    [TestCase(CreditCommandStatus.NotInitialized, CreditCommandStatus.NotInitialized)]
    [TestCase(CreditCommandStatus.KeyConflict, CreditCommandStatus.NotInitialized)]
    public async Task A_charge_without_an_account_is_not_repeated(CreditCommandStatus created, CreditCommandStatus expected)
    {
        Script(CreditCommandStatus.NotInitialized, created);

        (await Ledger.ConsumeAsync(Ann, 5, Key)).Status.Should().Be(expected);

        _sent.Should().HaveCount(2);
    }

    [Test]
    public async Task A_charge_creates_no_account_if_sessions_decide()
    {
        await using var host = new CoreHost(static options => options.InitializeAccount = static _ => true);
        host.Store.Apply = static _ => new(CreditCommandStatus.NotInitialized);

        (await host.Get<ICreditLedger>().ConsumeAsync(Ann, 5, Key)).Status.Should().Be(CreditCommandStatus.NotInitialized);

        host.Store.Commands.Should().Be(1);
    }

    [Test]
    public async Task A_host_can_create_an_account()
    {
        (await Ledger.InitializeAsync(Ann)).Status.Should().Be(CreditCommandStatus.Done);

        _sent.Should().Equal(new CreditCommand.Initialize(Ann));
    }

    [Test]
    public async Task A_rejected_reservation_has_its_result_only()
    {
        Script(CreditCommandStatus.Insufficient);

        var result = await Ledger.ReserveAsync(Ann, 5, Key);

        (result.Status, result.Succeeded, result.Reservation).Should().Be((CreditCommandStatus.Insufficient, false, null));
        result.Command.Status.Should().Be(CreditCommandStatus.Insufficient);
    }

    [Test]
    public async Task A_reservation_without_an_identifier_is_an_error()
    {
        await FluentActions.Awaiting(() => Ledger.ReserveAsync(Ann, 5, Key).AsTask())
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*identifier*");
        await FluentActions.Awaiting(() => Ledger.ClaimAsync(null!, TimeSpan.FromMinutes(1)).AsTask())
            .Should().ThrowAsync<ArgumentNullException>();
    }

    [Test]
    public async Task A_reservation_sends_the_options_of_its_caller()
    {
        Script(CreditCommandStatus.Done);
        var options = new CreditReservationOptions
        {
            Lifetime = TimeSpan.FromHours(1),
            Fingerprint = "f",
            LeaseOwner = Guid.NewGuid(),
        };

        await Ledger.ReserveAsync(Ann, 5, Key, options);

        _sent.Should().Equal(new CreditCommand.Reserve(Ann, 5, Key, options.Lifetime, options.Fingerprint, options.LeaseOwner));
    }

    [Test]
    public async Task Only_commands_of_a_user_count_as_activity()
    {
        var cache = _host.Get<CreditCache>();

        await Ledger.GrantAsync(Ann, 50, Key);
        await Ledger.RefundAsync(Ann, 3, 1, Key);
        await Ledger.AdjustAsync(Ann, 1, Key, "eve", "correction");
        cache.GetUsers(sincePeriod: 1, limit: 10).Should().BeEmpty();

        await Ledger.ConsumeAsync(Ann, 5, Key);
        cache.GetUsers(sincePeriod: 1, limit: 10).Should().Equal(Ann);
    }

    private void Script(params CreditCommandStatus[] results)
    {
        _sent.Clear();
        _host.Store.Apply = command =>
        {
            _sent.Add(command with { Deadline = null });
            return new(results[_sent.Count - 1]) { ReservationId = Guid.NewGuid(), Attempt = 1 };
        };
    }
}
