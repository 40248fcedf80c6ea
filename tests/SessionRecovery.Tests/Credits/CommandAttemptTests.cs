using System.Data.Common;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests how often a command is attempted, and which result the failed attempts have together.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CommandAttemptTests
{
    private static readonly UserId Ann = UserId.Create("ann");
    private static readonly IdempotencyKey Key = IdempotencyKey.Create("k");
    private static readonly CreditStoreException Permanent = new("The function is missing.", isTransient: false);

    private readonly FakeLogCollector _logs = FakeLogCollector.Create(new FakeLogCollectorOptions());
    private readonly List<CreditCommand> _sent = [];
    private readonly CoreHost _host;

    public CommandAttemptTests() => _host = new CoreHost(
        static options => options.MaxAttempts = 3,
        builder =>
        {
            builder.UseCreditStore<ScriptedStore>();
            builder.Services.AddSingleton<ILoggerProvider>(new FakeLoggerProvider(_logs));
        });

    private static IEnumerable<TestCaseData> LostAttempts()
    {
        yield return new TestCaseData(() => CreditCommandResult.Unknown).SetArgDisplayNames("an unknown result");
        yield return new TestCaseData(Throw(new IOException("The connection was reset."))).SetArgDisplayNames("an exception");
        yield return new TestCaseData(Throw(new CreditStoreException("busy", isTransient: true))).SetArgDisplayNames("a transient failure");
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [TestCaseSource(nameof(LostAttempts))]
    public async Task A_lost_attempt_is_repeated_with_its_key(Func<CreditCommandResult> lose)
    {
        Script(lose, lose, static () => new(CreditCommandStatus.Done) { Replayed = true });

        (await ConsumeAsync()).Should().BeEquivalentTo(new { Status = CreditCommandStatus.Done, Replayed = true });

        _sent.Select(static command => command with { Deadline = null })
            .Should().Equal(Enumerable.Repeat(new CreditCommand.Consume(Ann, 5, Key), 3));
    }

    [TestCaseSource(nameof(LostAttempts))]
    public async Task A_command_whose_attempts_are_all_lost_is_unknown(Func<CreditCommandResult> lose)
    {
        Script(lose, lose, lose);

        (await ConsumeAsync()).Should().Be(CreditCommandResult.Unknown);

        _sent.Should().HaveCount(3);
    }

    [TestCaseSource(nameof(LostAttempts))]
    public async Task A_busy_store_after_a_lost_attempt_is_unknown(Func<CreditCommandResult> lose)
    {
        Script(lose, static () => CreditCommandResult.Busy, static () => CreditCommandResult.Busy);

        (await ConsumeAsync()).Should().Be(CreditCommandResult.Unknown);
    }

    [TestCaseSource(nameof(LostAttempts))]
    public async Task A_permanent_failure_after_a_lost_attempt_is_unknown(Func<CreditCommandResult> lose)
    {
        Script(lose, Throw(Permanent));

        (await ConsumeAsync()).Should().Be(CreditCommandResult.Unknown);
    }

    [Test]
    public async Task A_busy_store_is_asked_in_every_attempt()
    {
        Script(static () => CreditCommandResult.Busy, static () => CreditCommandResult.Busy, static () => CreditCommandResult.Busy);

        (await ConsumeAsync()).Should().Be(CreditCommandResult.Busy);

        _sent.Should().HaveCount(3);
        Messages.Should().ContainSingle().Which.Should().Match("Consume for user-* did not take effect*");
    }

    [Test]
    public async Task A_permanent_failure_is_busy_and_not_repeated()
    {
        Script(Throw(Permanent));

        (await ConsumeAsync()).Should().Be(CreditCommandResult.Busy);

        Messages.Should().ContainSingle().Which.Should().Contain("The function is missing.");
    }

    [TestCase(CreditCommandStatus.Done)]
    [TestCase(CreditCommandStatus.KeyConflict)]
    [TestCase(CreditCommandStatus.Superseded)]
    [TestCase(CreditCommandStatus.AlreadyClosed)]
    public async Task A_decision_of_the_store_is_final_after_lost_attempts(CreditCommandStatus status)
    {
        Script(static () => CreditCommandResult.Unknown, () => new(status));

        (await ConsumeAsync()).Status.Should().Be(status);

        Messages.Should().BeEmpty();
    }

    [Test]
    public async Task A_superseded_claim_without_a_lost_attempt_is_final()
    {
        Script(static () => new(CreditCommandStatus.Superseded));
        var open = new OpenCreditReservation
        {
            Id = Guid.NewGuid(),
            User = Ann,
            Key = Key,
            Attempt = 1,
            Amount = 5,
            ExpiresAt = DateTimeOffset.UnixEpoch,
        };

        var claim = await _host.Get<ICreditLedger>().ClaimAsync(open, TimeSpan.FromMinutes(1));

        (claim.Status, claim.Reservation).Should().Be((CreditCommandStatus.Superseded, (CreditReservation?)null));
    }

    [Test]
    public async Task A_rejection_at_the_deadline_of_lost_attempts_is_unknown()
    {
        Script(
            () =>
            {
                _host.Time.Advance(new CreditOptions().AttemptTimeout);
                return CreditCommandResult.Unknown;
            },
            static () => new(CreditCommandStatus.Insufficient));

        (await ConsumeAsync()).Status.Should().Be(CreditCommandStatus.Unknown, "the store may apply the lost attempt until its deadline");
    }

    [Test]
    public async Task A_rejection_of_the_first_attempt_is_final()
    {
        Script(static () => new(CreditCommandStatus.Insufficient));

        (await ConsumeAsync()).Status.Should().Be(CreditCommandStatus.Insufficient);
    }

    [TestCase(2, 3)]
    [TestCase(2.001, 1)]
    public async Task A_store_that_requests_a_long_delay_ends_the_attempts(double seconds, int attempts)
    {
        _host.Store.Apply = command =>
        {
            _sent.Add(command);
            throw new CreditStoreException("slow down", isTransient: true, TimeSpan.FromSeconds(seconds));
        };

        var consuming = ConsumeAsync();
        await _host.AdvanceUntilAsync(consuming);

        (await consuming).Should().Be(CreditCommandResult.Unknown);
        _sent.Should().HaveCount(attempts);
    }

    [Test]
    public async Task An_error_in_the_arguments_is_thrown_and_not_repeated()
    {
        Script(Throw(new ArgumentException("wrong")));

        await FluentActions.Awaiting(ConsumeAsync).Should().ThrowAsync<ArgumentException>().WithMessage("wrong");

        _sent.Should().ContainSingle();
    }

    [Test]
    public async Task A_command_that_throws_invalidates_the_cached_balance()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        await _host.Credits.ReadAsync(CoreHost.Ann);
        Script(Throw(new ArgumentException("wrong")));
        await FluentActions.Awaiting(ConsumeAsync).Should().ThrowAsync<ArgumentException>();

        await _host.Credits.ReadAsync(CoreHost.Ann);

        _host.Store.Reads.Should().Be(2);
    }

    [Test]
    public async Task A_canceled_command_is_not_sent()
    {
        await FluentActions.Awaiting(() => _host.Get<ICreditLedger>()
                .ConsumeAsync(Ann, 5, Key, cancellationToken: new CancellationToken(canceled: true)).AsTask())
            .Should().ThrowAsync<OperationCanceledException>();

        _host.Store.Commands.Should().Be(0);
        _host.Get<CreditCache>().GetUsers(sincePeriod: 1, limit: 10).Should().BeEmpty("a canceled command is no activity");
    }

    [Test]
    public async Task A_caller_that_cancels_an_attempt_receives_its_cancellation()
    {
        using var cancellation = new CancellationTokenSource();
        _host.Store.Apply = _ =>
        {
            cancellation.Cancel();
            throw new IOException("The connection was closed.");
        };

        await FluentActions.Awaiting(() => _host.Get<ICreditLedger>()
                .ConsumeAsync(Ann, 5, Key, cancellationToken: cancellation.Token).AsTask())
            .Should().ThrowAsync<OperationCanceledException>();

        _host.Store.Commands.Should().Be(1);
        Messages.Should().BeEmpty("the caller did not wait for the result");
    }

    [Test]
    public async Task The_log_names_the_cause_of_an_unknown_result()
    {
        var failures = new (Exception Thrown, string Reason)[]
        {
            (new IOException(new string('x', 300)), "(IOException)"),
            (new CreditStoreException("The gateway is down.", isTransient: true), "(The gateway is down.)"),
            (new DatabaseException(new string('y', 300)), $"(DatabaseException: {new string('y', 200)})"),
            (new DatabaseException("first\rsecond"), "(DatabaseException: first)"),
            (new DatabaseException("\nsecond"), "(DatabaseException: )"),
        };
        foreach (var (thrown, reason) in failures)
        {
            _logs.Clear();
            _host.Store.Apply = _ => throw thrown;

            await ConsumeAsync();

            Messages.Should().ContainSingle().Which.Should().Contain(reason);
        }
    }

    [Test]
    public async Task An_attempt_without_a_response_ends_at_its_timeout()
    {
        var slow = new TaskCompletionSource<CreditCommandResult>();
        await using var host = new CoreHost(
            static options => options.AttemptTimeout = TimeSpan.FromMinutes(1),
            builder =>
            {
                builder.UseCreditStore<HangingStore>();
                builder.Services.AddSingleton(slow);
                builder.Services.AddSingleton<ILoggerProvider>(new FakeLoggerProvider(_logs));
            });

        var consuming = host.Get<ICreditLedger>().ConsumeAsync(Ann, 5, Key).AsTask();
        host.Time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        consuming.IsCompleted.Should().BeFalse();
        host.Time.Advance(TimeSpan.FromTicks(1));

        (await consuming.WaitAsync(TimeSpan.FromSeconds(30))).Should().Be(CreditCommandResult.Unknown);
        Messages.Should().ContainSingle().Which.Should().Contain("(timed out)");
    }

    private IEnumerable<string> Messages =>
        _logs.GetSnapshot().Where(static record => record.Level >= LogLevel.Warning).Select(static record => record.Message);

    private static Func<CreditCommandResult> Throw(Exception exception) => () => throw exception;

    private void Script(params Func<CreditCommandResult>[] attempts) => _host.Store.Apply = command =>
    {
        _sent.Add(command);
        return attempts[_sent.Count - 1]();
    };

    private async Task<CreditCommandResult> ConsumeAsync() => await _host.Get<ICreditLedger>().ConsumeAsync(Ann, 5, Key);

    private sealed class DatabaseException(string message) : DbException(message);

    private sealed class HangingStore(TaskCompletionSource<CreditCommandResult> result) : ICreditStore
    {
        public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken) =>
            new(CreditReadResult.Unavailable);

        public ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken) => new(result.Task);
    }
}
