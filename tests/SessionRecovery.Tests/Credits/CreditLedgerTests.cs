using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests the commands that the ledger sends for grants, refunds and adjustments, and their effect on the cached balance.</summary>
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
}
