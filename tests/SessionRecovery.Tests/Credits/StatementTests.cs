using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests the retries of statements and of lists of open reservations, and the exceptions of a store that fails.</summary>
[TestFixture(false)]
[TestFixture(true)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class StatementTests(bool listsReservations)
{
    private static readonly UserId Ann = UserId.Create("ann");
    private static readonly CreditHistoryPage Page = new() { Entries = [] };
    private static readonly OpenCreditReservation[] Open = [];

    private readonly CoreHost _host = new(
        static options =>
        {
            options.MaxAttempts = 3;
            options.AttemptTimeout = TimeSpan.FromMinutes(1);
        },
        static builder => builder.UseCreditStore<StatementStore>());

    private StatementStore Store => _host.Get<StatementStore>();

    private ICreditLedger Ledger => _host.Get<ICreditLedger>();

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task A_failed_call_is_attempted_again()
    {
        Script(static call => call < 3 ? new IOException("The connection was reset.") : null);

        (await ReadAsync()).Should().BeSameAs(listsReservations ? Open : Page);

        Store.Calls.Should().Be(3);
    }

    [Test]
    public async Task A_store_that_fails_in_every_attempt_is_reported()
    {
        var failure = new IOException("The connection was reset.");
        Script(_ => failure);

        var exception = await FluentActions.Awaiting(ReadAsync).Should().ThrowAsync<CreditStoreException>();

        exception.Which.Should().BeEquivalentTo(new { IsTransient = true, InnerException = failure });
        Store.Calls.Should().Be(3);
    }

    [Test]
    public async Task A_permanent_failure_is_reported_at_once()
    {
        var failure = new CreditStoreException("The table is missing.", isTransient: false);
        Script(_ => failure);

        (await FluentActions.Awaiting(ReadAsync).Should().ThrowAsync<CreditStoreException>()).Which.Should().BeSameAs(failure);

        Store.Calls.Should().Be(1);
    }

    [Test]
    public async Task An_error_of_the_caller_is_not_an_outage()
    {
        Script(static _ => new ArgumentException("wrong"));

        await FluentActions.Awaiting(ReadAsync).Should().ThrowAsync<ArgumentException>().WithMessage("wrong");

        Store.Calls.Should().Be(1);
    }

    [Test]
    public async Task A_store_that_hangs_ends_at_the_timeout()
    {
        Store.History = static _ => new TaskCompletionSource<CreditHistoryPage>().Task;
        Store.Reservations = static _ => new TaskCompletionSource<IReadOnlyList<OpenCreditReservation>>().Task;

        var read = ReadAsync();
        _host.Time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        read.IsCompleted.Should().BeFalse();
        _host.Time.Advance(TimeSpan.FromTicks(1));

        await FluentActions.Awaiting(() => read.WaitAsync(TimeSpan.FromSeconds(30))).Should().ThrowAsync<CreditStoreException>();
        Store.Calls.Should().Be(1, "the timeout includes all attempts");
    }

    [Test]
    public async Task A_caller_that_cancels_receives_its_cancellation()
    {
        using var cancellation = new CancellationTokenSource();
        Store.History = static _ => new TaskCompletionSource<CreditHistoryPage>().Task;
        Store.Reservations = static _ => new TaskCompletionSource<IReadOnlyList<OpenCreditReservation>>().Task;

        var read = ReadAsync(cancellation.Token);
        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => read).Should().ThrowAsync<OperationCanceledException>();
    }

    [Test]
    public async Task The_arguments_reach_the_store()
    {
        Script(static _ => null);
        var last = new OpenCreditReservation
        {
            Id = Guid.NewGuid(),
            User = Ann,
            Key = IdempotencyKey.Create("k"),
            Attempt = 1,
            Amount = 5,
            ExpiresAt = DateTimeOffset.UnixEpoch,
        };

        if (listsReservations)
        {
            await Ledger.GetOpenReservationsAsync(Ann, last, 500);
            Store.Arguments.Should().Be(((UserId?)Ann, last, 500));
            await Ledger.GetOpenReservationsAsync();
            Store.Arguments.Should().Be(((UserId?)null, (OpenCreditReservation?)null, 50));
        }
        else
        {
            await Ledger.GetHistoryAsync(Ann, 1, 500);
            Store.Arguments.Should().Be((Ann, (long?)1, 500));
            await Ledger.GetHistoryAsync(Ann);
            Store.Arguments.Should().Be((Ann, (long?)null, 50));
        }
    }

    [TestCase(0)]
    [TestCase(501)]
    public async Task A_limit_outside_its_range_is_rejected(int limit)
    {
        Script(static _ => null);

        await FluentActions.Awaiting(() => ReadAsync(limit: limit))
            .Should().ThrowAsync<ArgumentOutOfRangeException>().WithParameterName(nameof(limit));
        (await ReadAsync(limit: 1)).Should().NotBeNull();

        Store.Calls.Should().Be(1);
    }

    [Test]
    public async Task A_user_and_a_position_are_valid()
    {
        Script(static _ => null);

        if (listsReservations)
        {
            await FluentActions.Awaiting(() => Ledger.GetOpenReservationsAsync(default(UserId)).AsTask())
                .Should().ThrowAsync<InvalidOperationException>();
        }
        else
        {
            await FluentActions.Awaiting(() => Ledger.GetHistoryAsync(default).AsTask()).Should().ThrowAsync<InvalidOperationException>();
            await FluentActions.Awaiting(() => Ledger.GetHistoryAsync(Ann, before: 0).AsTask())
                .Should().ThrowAsync<ArgumentOutOfRangeException>().WithParameterName("before");
        }

        Store.Calls.Should().Be(0);
    }

    [Test]
    public async Task A_store_without_the_feature_is_named()
    {
        await using var host = new CoreHost();
        var ledger = host.Get<ICreditLedger>();

        await FluentActions.Awaiting(() => ReadAsync(ledger)).Should().ThrowAsync<NotSupportedException>().WithMessage("The credit store*");
    }

    private void Script(Func<int, Exception?> fail)
    {
        Store.History = call => fail(call) is { } exception ? throw exception : Task.FromResult(Page);
        Store.Reservations = call => fail(call) is { } exception
            ? throw exception
            : Task.FromResult<IReadOnlyList<OpenCreditReservation>>(Open);
    }

    private Task<object> ReadAsync() => ReadAsync(Ledger);

    private Task<object> ReadAsync(CancellationToken cancellationToken) => ReadAsync(Ledger, 50, cancellationToken);

    private Task<object> ReadAsync(int limit) => ReadAsync(Ledger, limit);

    private async Task<object> ReadAsync(ICreditLedger ledger, int limit = 50, CancellationToken cancellationToken = default) =>
        listsReservations
            ? await ledger.GetOpenReservationsAsync(null, null, limit, cancellationToken)
            : await ledger.GetHistoryAsync(Ann, null, limit, cancellationToken);
}
