using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests the deadlines of command attempts, and when a rejection after a lost attempt is final.</summary>
[TestFixture]
internal sealed class CommandDeadlineTests
{
    private static readonly UserId Ann = UserId.Create("ann");

    private readonly List<DateTimeOffset?> _deadlines = [];
    private CoreHost _host = null!;

    [SetUp]
    public void Start()
    {
        _deadlines.Clear();
        _host = new CoreHost(static options => options.MaxAttempts = 2);
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Each_attempt_has_a_deadline_of_its_own()
    {
        var first = _host.Time.GetUtcNow() + new CreditOptions().AttemptTimeout;
        Script(
            () =>
            {
                _host.Time.Advance(TimeSpan.FromSeconds(1));
                return CreditCommandResult.Busy;
            },
            static () => new(CreditCommandStatus.Done));

        (await ConsumeAsync()).Status.Should().Be(CreditCommandStatus.Done);

        _deadlines.Should().Equal(first, first + TimeSpan.FromSeconds(1));
    }

    [TestCase(CreditCommandStatus.Insufficient)]
    [TestCase(CreditCommandStatus.Expired)]
    public async Task A_rejection_is_unknown_while_a_lost_attempt_may_arrive(CreditCommandStatus rejection)
    {
        Script(static () => throw new IOException("The connection was reset."), () => new(rejection));

        (await ConsumeAsync()).Status.Should().Be(CreditCommandStatus.Unknown);
    }

    [Test]
    public async Task A_rejection_after_the_deadline_of_a_lost_attempt_is_final()
    {
        Script(
            () =>
            {
                _host.Time.Advance(new CreditOptions().AttemptTimeout + TimeSpan.FromTicks(1));
                throw new IOException("The connection was reset.");
            },
            static () => new(CreditCommandStatus.Insufficient));

        (await ConsumeAsync()).Status.Should().Be(CreditCommandStatus.Insufficient);
    }

    [Test]
    public async Task A_rejection_without_a_lost_attempt_is_final()
    {
        Script(static () => CreditCommandResult.Busy, static () => new(CreditCommandStatus.Insufficient));

        (await ConsumeAsync()).Status.Should().Be(CreditCommandStatus.Insufficient);
    }

    private void Script(params Func<CreditCommandResult>[] attempts) => _host.Store.Apply = command =>
    {
        _deadlines.Add(command.Deadline);
        return attempts[_deadlines.Count - 1]();
    };

    private async Task<CreditCommandResult> ConsumeAsync()
    {
        var work = _host.Get<ICreditLedger>().ConsumeAsync(Ann, 5, IdempotencyKey.Create("k")).AsTask();
        await Task.WhenAny(work, Task.Delay(TimeSpan.FromSeconds(30)));
        return await work;
    }
}
