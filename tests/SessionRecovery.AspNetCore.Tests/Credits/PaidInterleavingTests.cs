using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Tests.Credits;

/// <summary>
/// Tests a paid request with lost responses, an unavailable database, a second lease owner, or a disconnected client. The request must be
/// charged at most once.
/// </summary>
[TestFixture]
internal sealed class PaidInterleavingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private TemporaryFolder _folder = null!;
    private RenewalTimeProvider _time = null!;
    private TestHost _host = null!;
    private FaultyStore _store = null!;
    private SemaphoreSlim _arrived = null!;
    private SemaphoreSlim _goOn = null!;
    private int _runs;

    [SetUp]
    public async Task StartAsync()
    {
        _runs = 0;
        _folder = new TemporaryFolder();
        _time = new RenewalTimeProvider();
        _arrived = new SemaphoreSlim(0);
        _goOn = new SemaphoreSlim(0);
        _host = await TestHost.StartAsync(
            _folder,
            (builder, recovery) =>
            {
                builder.Configuration.AddInMemoryCollection([new("SessionRecovery:Credits:RetryDelay", "00:00:00")]);
                builder.Services.AddSingleton<TimeProvider>(_time);
                recovery.UseSqlite($"Data Source={_folder.File("credits.db")}");
                FaultyStore.Install(builder.Services);
            },
            map: app =>
            {
                app.MapPost("/paid", () => TypedResults.Json(new { run = Interlocked.Increment(ref _runs) })).RequireCredits(5);
                app.MapPost("/slow", async () =>
                {
                    var run = Interlocked.Increment(ref _runs);
                    _arrived.Release();
                    await _goOn.WaitAsync(Patience);
                    return TypedResults.Json(new { run });
                }).RequireCredits(5);
            });
        _store = _host.Services.GetRequiredService<FaultyStore>();
    }

    [TearDown]
    public async Task StopAsync()
    {
        var faults = await _store.AuditAsync(CancellationToken.None);
        await _host.DisposeAsync();
        _folder.Dispose();
        _arrived.Dispose();
        _goOn.Dispose();
        faults.Should().BeEmpty();
    }

    [Test]
    public async Task A_lost_reserve_response_returns_the_same_reservation()
    {
        using var ann = await _host.SignInAsync("ann");
        await BalanceAsync(ann);
        var lost = 0;
        _store.CutAfter = command => command is CreditCommand.Reserve && lost++ == 0;

        using var response = await PayAsync(ann, "/paid", "key-1");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        lost.Should().Be(2);
        (await BalanceAsync(ann)).Should().Be((95, 0));
    }

    [Test]
    public async Task A_lost_capture_response_is_retried()
    {
        using var ann = await _host.SignInAsync("ann");
        var lost = 0;
        _store.CutAfter = command => command is CreditCommand.Capture && lost++ == 0;

        using var response = await PayAsync(ann, "/paid", "key-1");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await BalanceAsync(ann)).Should().Be((95, 0));
    }

    [Test]
    public async Task An_unknown_capture_is_503_and_its_repeat_is_replayed()
    {
        using var ann = await _host.SignInAsync("ann");
        _store.CutAfter = command => command is CreditCommand.Capture;

        using var unknown = await PayAsync(ann, "/paid", "key-1");
        _store.CutAfter = static _ => false;
        using var repeat = await PayAsync(ann, "/paid", "key-1");

        await unknown.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "outcome_unknown");
        repeat.Header("Idempotency-Replayed").Should().Be("true");
        (await repeat.Content.ReadAsStringAsync()).Should().Contain("\"run\":1");
        (await BalanceAsync(ann)).Should().Be((95, 0));
    }

    [Test]
    public async Task A_reserve_request_that_never_arrives_is_503_without_charge()
    {
        using var ann = await _host.SignInAsync("ann");
        await BalanceAsync(ann);
        _store.CutBefore = static command => command is CreditCommand.Reserve;

        using var response = await PayAsync(ann, "/paid", "key-1");

        await response.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "outcome_unknown");
        response.Header("Retry-After").Should().NotBeNull();
        _runs.Should().Be(0);
        _store.CutBefore = static _ => false;
        (await BalanceAsync(ann)).Should().Be((100, 0));
    }

    [Test]
    public async Task The_second_lease_owner_of_a_key_waits()
    {
        using var ann = await _host.SignInAsync("ann");
        var first = PayAsync(ann, "/slow", "key-1");
        await ArrivedAsync();

        using var second = await PayAsync(ann, "/slow", "key-1");
        _goOn.Release();
        using var paid = await first;
        using var third = await PayAsync(ann, "/slow", "key-1");

        second.Header("Retry-After").Should().Be("1", "the owner lives and can complete at any moment");
        await second.ShouldBeProblemAsync(HttpStatusCode.Conflict, "in_progress");
        paid.StatusCode.Should().Be(HttpStatusCode.OK);
        third.Header("Idempotency-Replayed").Should().Be("true");
        _runs.Should().Be(1);
        (await BalanceAsync(ann)).Should().Be((95, 0));
    }

    [Test]
    public async Task A_long_handler_keeps_its_reservation()
    {
        using var ann = await _host.SignInAsync("ann");
        var first = PayAsync(ann, "/slow", "key-1");
        await ArrivedAsync();

        for (var second = 1; second <= 60; second++)
        {
            var expected = 1 + (second / 3);
            _time.Advance(TimeSpan.FromSeconds(1));
            SpinWait.SpinUntil(() => _time.Scheduled >= expected, Patience).Should().BeTrue();
        }

        using var meanwhile = await PayAsync(ann, "/slow", "key-1");
        _goOn.Release();
        using var paid = await first;

        await meanwhile.ShouldBeProblemAsync(HttpStatusCode.Conflict, "in_progress");
        paid.StatusCode.Should().Be(HttpStatusCode.OK);
        (await BalanceAsync(ann)).Should().Be((95, 0));
    }

    [Test]
    public async Task A_reservation_with_a_lost_response_is_renewed_before_expiry()
    {
        using var ann = await _host.SignInAsync("ann");
        await BalanceAsync(ann);
        var reserves = 0;
        using var renewed = new SemaphoreSlim(0);
        _store.CutAfter = command =>
        {
            if (command is CreditCommand.Reserve && reserves++ == 0)
            {
                // The reservation has used 8 of its 10 seconds when the next attempt of the command receives a response.
                _time.Advance(TimeSpan.FromSeconds(8));
                return true;
            }

            if (command is CreditCommand.Renew)
            {
                renewed.Release();
            }

            return false;
        };

        var first = PayAsync(ann, "/slow", "key-1");
        await ArrivedAsync();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await renewed.WaitAsync(Patience)).Should().BeTrue("without a renewal the reservation would have expired 3 s earlier");
        _time.Advance(TimeSpan.FromSeconds(3));
        using var second = await PayAsync(ann, "/slow", "key-1");
        _goOn.Release();
        using var paid = await first;

        paid.StatusCode.Should().Be(HttpStatusCode.OK);
        await second.ShouldBeProblemAsync(HttpStatusCode.Conflict, "in_progress");
        _runs.Should().Be(1);
    }

    [Test]
    public async Task Finished_work_is_charged_after_an_outage_beyond_the_reservation()
    {
        using var ann = await _host.SignInAsync("ann");
        var work = PayAsync(ann, "/slow", "key-1");
        await ArrivedAsync();
        _store.CutBefore = static _ => true;
        _time.Advance(TimeSpan.FromMinutes(1));
        _store.CutBefore = static command => command is CreditCommand.Renew;
        (await _host.Services.GetRequiredService<ICreditService>().RefreshAsync(UserSession.AsServer(UserId.Create("ann")))).Balance!.Held
            .Should().Be(0, "the reservation expired");

        _goOn.Release();
        using var response = await work;

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await BalanceAsync(ann)).Should().Be((95, 0));
    }

    [Test]
    public async Task One_of_two_lease_owners_is_charged()
    {
        using var ann = await _host.SignInAsync("ann");
        _store.CutBefore = static command => command is CreditCommand.Renew;
        var first = PayAsync(ann, "/slow", "key-1");
        await ArrivedAsync();
        _time.Advance(TimeSpan.FromSeconds(11));

        var second = PayAsync(ann, "/slow", "key-1");
        await ArrivedAsync();
        _goOn.Release(2);
        using var older = await first;
        using var newer = await second;

        await older.ShouldBeProblemAsync(HttpStatusCode.Conflict, "superseded");
        newer.StatusCode.Should().Be(HttpStatusCode.OK);
        _runs.Should().Be(2);
        (await BalanceAsync(ann)).Should().Be((95, 0));
    }

    [Test]
    public async Task A_disconnected_client_is_charged_and_may_repeat()
    {
        using var ann = await _host.SignInAsync("ann");
        using var leaving = new CancellationTokenSource();
        var abandoned = PayAsync(ann, "/slow", "key-1", leaving.Token);
        await ArrivedAsync();
        await leaving.CancelAsync();
        await FluentActions.Awaiting(() => abandoned).Should().ThrowAsync<OperationCanceledException>();
        var captured = new TaskCompletionSource();
        _store.CutAfter = command =>
        {
            if (command is CreditCommand.Capture)
            {
                captured.SetResult();
            }

            return false;
        };

        _goOn.Release();
        await captured.Task.WaitAsync(Patience);
        using var repeat = await PayAsync(ann, "/slow", "key-1");

        repeat.StatusCode.Should().Be(HttpStatusCode.OK);
        repeat.Header("Idempotency-Replayed").Should().Be("true");
        _runs.Should().Be(1);
        (await BalanceAsync(ann)).Should().Be((95, 0));
    }

    [Test]
    public async Task A_header_key_leaves_an_equal_server_key_unused()
    {
        using var ann = await _host.SignInAsync("ann");
        var ledger = _host.Services.GetRequiredService<ICreditLedger>();
        using var request = await PayAsync(ann, "/paid", "monthly-fee");

        var debit = await ledger.ConsumeAsync(UserId.Create("ann"), 20, IdempotencyKey.Create("monthly-fee"));

        debit.Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && !outcome.Replayed);
        (await BalanceAsync(ann)).Should().Be((75, 0));
        FluentActions.Invoking(() => IdempotencyKey.Create("http:monthly-fee")).Should().Throw<ArgumentException>();
    }

    private async Task ArrivedAsync() => (await _arrived.WaitAsync(Patience)).Should().BeTrue();

    private static async Task<HttpResponseMessage> PayAsync(
        HttpClient client, string path, string key, CancellationToken cancellationToken = default)
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request, cancellationToken);
    }

    private async Task<(long Available, long Held)> BalanceAsync(HttpClient client)
    {
        await _host.Services.GetRequiredService<ICreditService>().RefreshAsync(UserSession.AsServer(UserId.Create("ann")));
        var body = await client.GetFromJsonAsync<JsonElement>("/auth/credits");
        return (body.GetProperty("credits").GetInt64(), body.GetProperty("held").GetInt64());
    }
}
