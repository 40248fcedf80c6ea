using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Supabase.Tests.Host;
using SessionRecovery.Supabase.Tests.Hosting;
using SupabaseStandIn;
using SupabaseStandIn.Control;

namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>
/// Tests an application with its own table, function and webhook while it adopts the ledger (*expand*), lets only the ledger write
/// (*contract*), and removes the ledger again. The host and the database are deployed one after the other, while the application's SQL runs
/// and its users read their balances.
/// </summary>
[TestFixture]
internal sealed class AdoptedHostTests
{
    private const int Start = 100_000;
    private const int Deduction = 7;
    private const int Purchase = 1009;
    private const int Price = 5;

    private const string App =
        """
        create table public.user_credits (user_id uuid primary key references auth.users (id) on delete cascade, credits integer not null
            default 0);
        alter table public.user_credits enable row level security;
        create policy "read own" on public.user_credits for select to authenticated using ((select auth.uid()) = user_id);
        create function public.deduct_credits(p_user uuid, p_amount integer) returns table (left_over integer)
        language plpgsql security definer set search_path = public as $$
        begin
            return query update user_credits set credits = credits - p_amount where user_id = p_user and credits >= p_amount returning
                credits;
        end
        $$;
        revoke execute on function public.deduct_credits from public, anon, authenticated;
        grant execute on function public.deduct_credits to service_role;
        """;

    /// <summary>The two durations differ, so that the test fails if the code confuses them.</summary>
    private static readonly TimeSpan CacheDuration = TimeSpan.FromSeconds(0.8);
    private static readonly TimeSpan UnversionedCacheDuration = TimeSpan.FromSeconds(0.4);
    private static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Guid, long> _expectedBalances = new();
    private readonly ConcurrentQueue<ObservedBalance> _observations = new();
    private readonly ConcurrentDictionary<(string Host, string User, string Status), DateTimeOffset> _lastRequested = new();
    private readonly ConcurrentQueue<OwnWrite> _writes = new();
    private readonly ConcurrentDictionary<SupabaseHost, string> _visible = new();
    private readonly BalanceHistory _history = new();

    [Test]
    public async Task Balances_stay_correct_through_ledger_adoption_and_leaving()
    {
        await using var standIn =
            await StandIns.StartAsync(new StandInOptions { Migrations = false, SqlBeforeMigrations = [App, BalanceHistory.Trigger] });
        await using var reading = await StartAsync(standIn, static _ => { });
        SignedIn[] users = [await reading.SignUpAsync(), await reading.SignUpAsync("eve"), await reading.SignUpAsync("joe")];
        foreach (var user in users.Select(static user => Guid.Parse(user.Id)))
        {
            await standIn.Control.ExecuteAsync("insert into public.user_credits values ($1, $2)", user, Start);
            _history.Committed(user, Start);
            _expectedBalances[user] = Start;
        }

        using var stop = new CancellationTokenSource();
        await using var sql = NpgsqlDataSource.Create(standIn.Control.ConnectionString());
        using var server = reading.Gateway(key: standIn.Keys.Secret);
        _visible[reading] = "reading";
        var deductions = Repeated.Start(round => DeductAsync(server, users[round % users.Length]), stop.Token);
        var webhook = Repeated.Start(round => WebhookAsync(sql, users[round % users.Length]), stop.Token);
        var reads = Repeated.Start(round => ReadBalanceAsync(users[round % users.Length]), stop.Token);

        // Each step of the test ends when all balances that were cached before it have expired, and each user has then read a balance from
        // each host.
        async Task WaitForRoundsAsync()
        {
            var began = TimeProvider.System.GetUtcNow();
            await deductions.WaitForRoundsAsync(30);
            await webhook.WaitForRoundsAsync(30);
            await reads.WaitUntilAsync(() => _visible.Values.All(host => AllObserved(users, host, "known", began + CacheDuration)));
        }

        async Task LoseTheBalancesAsync(SupabaseHost host, string path)
        {
            var began = TimeProvider.System.GetUtcNow();
            standIn.Control.Fail(
                new Fault(FaultKind.Status) { Service = ServiceName.Rest, Path = path, Status = StatusCodes.Status502BadGateway });
            await reads.WaitUntilAsync(() => AllObserved(users, _visible[host], "stale", began + CacheDuration));
            standIn.Control.ClearFaults();
        }

        await WaitForRoundsAsync();
        await LoseTheBalancesAsync(reading, "/user_credits");
        await WaitForRoundsAsync();
        foreach (var migration in Directory.GetFiles(Sql("Migrations")).Order(StringComparer.Ordinal))
        {
            await standIn.Control.ApplyAsync(await File.ReadAllTextAsync(migration));
        }

        await WaitForRoundsAsync();
        DateTimeOffset contracting, contracted, leaving;
        await using (var spending = await StartAsync(standIn, static recovery => recovery.UseSupabaseLedger()))
        {
            _visible[spending] = "spending";
            await WaitForRoundsAsync();
            await LoseTheBalancesAsync(spending, "/rpc/get_my_credits");
            await PayAsync(spending, users, "expanded");
            await WaitForRoundsAsync();
            await AuditLedgerAsync(spending);

            contracting = TimeProvider.System.GetUtcNow();
            await ApplyAsync(standIn, "Contract");
            contracted = TimeProvider.System.GetUtcNow();
            await WaitForRoundsAsync();
            await PayAsync(spending, users, "contracted");
            await WaitForRoundsAsync();
            await AuditLedgerAsync(spending);
            _visible.TryRemove(spending, out _);
            await reads.WaitForRoundsAsync(2);
        }

        await WaitForRoundsAsync();
        leaving = TimeProvider.System.GetUtcNow();
        await ApplyAsync(standIn, "Leaving");
        var left = TimeProvider.System.GetUtcNow();
        await WaitForRoundsAsync();
        await stop.CancelAsync();
        await Task.WhenAll(deductions.WaitForEndAsync(), webhook.WaitForEndAsync(), reads.WaitForEndAsync());

        foreach (var path in Enum.GetValues<OwnPath>())
        {
            GetWrites(path, DateTimeOffset.MinValue, contracting)
                .Should().HaveCountGreaterThan(30)
                .And.OnlyContain(static write => !write.Rejected, "{0} writes succeed until contract", path);
            GetWrites(path, contracted, leaving)
                .Should().HaveCountGreaterThan(30)
                .And.OnlyContain(static write => write.Rejected, "{0} writes are rejected after contract", path);
            GetWrites(path, left, DateTimeOffset.MaxValue)
                .Should().HaveCountGreaterThan(30)
                .And.OnlyContain(static write => !write.Rejected, "{0} writes succeed again after leaving", path);
        }

        foreach (var user in users.Select(static user => Guid.Parse(user.Id)))
        {
            (await standIn.Control.ScalarAsync<int>("select credits from public.user_credits where user_id = $1", user))
                .Should().Be((int)_expectedBalances[user]);
        }

        await _history.ReadAsync(standIn.Control);
        CheckObservations();
    }

    private void CheckObservations()
    {
        _observations.Should().OnlyContain(static observation => observation.Status == "known" || observation.Status == "stale");
        foreach (var host in _observations.GroupBy(static observation => observation.Host))
        {
            host.Should().Contain(static observation => observation.Status == "stale",
                "the ledger was unreachable for the {0} host for longer than its cache duration", host.Key);
        }

        _observations.Where(observation => !_history.WasCurrent(observation, observation.RequestedAt - (
            observation.Status == "stale" ? MaxStaleness : observation.HasVersion ? CacheDuration : UnversionedCacheDuration)))
            .Should().BeEmpty("no host may show a balance for longer than its cache duration");

        // The ledger reads its clock immediately after the snapshot of its statement, so the balance may be older than the returned time.
        // The time of the first read that returned the balance is the latest possible time of its snapshot.
        var first = _observations.GroupBy(static observation => (observation.Host, observation.User, observation.AsOf))
            .ToDictionary(static reads => reads.Key, static reads => reads.Min(static observation => observation.RequestedAt));
        _observations.Where(observation => observation.AsOf is not { } asOf || asOf > observation.RespondedAt
                || !_history.WasCurrent(observation, observation.HasVersion && first[(observation.Host, observation.User, asOf)] < asOf
                    ? first[(observation.Host, observation.User, asOf)]
                    : asOf))
            .Should().BeEmpty("every balance was current at its AsOf time");
        TestContext.Out.WriteLine(
            $"{_observations.Count} balances observed, {_observations.Count(static observation => observation.Status == "stale")} stale; "
                + $"{_writes.Count} writes of the app, {_writes.Count(static write => write.Rejected)} rejected");
    }

    private IEnumerable<OwnWrite> GetWrites(OwnPath path, DateTimeOffset after, DateTimeOffset before) =>
        _writes.Where(write => write.Path == path && write.Began > after && write.Ended < before);

    /// <summary>Returns whether each user made a request after the given time to which the host responded with the given status.</summary>
    private bool AllObserved(SignedIn[] users, string host, string status, DateTimeOffset then) =>
        users.All(user => _lastRequested.TryGetValue((host, user.Id, status), out var requestedAt) && requestedAt > then);

    private static long? NumberIn(JsonElement body, string name) =>
        body.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number ? number.GetInt64() : null;

    private static string Sql(string folder) => Path.Combine(AppContext.BaseDirectory, "Sql", folder);

    private static async Task ApplyAsync(StandIn standIn, string folder) =>
        await standIn.Control.ApplyAsync(await File.ReadAllTextAsync(Directory.GetFiles(Sql(folder)).Single()));

    private static Task<SupabaseHost> StartAsync(StandIn standIn, Action<SessionRecoveryBuilder> steps) => SupabaseHost.StartAsync(
        standIn, steps, static services => services.Configure<CreditOptions>(static credits => (credits.CacheDuration,
            credits.UnversionedCacheDuration, credits.MaxStaleness) = (CacheDuration, UnversionedCacheDuration, MaxStaleness)));

    private static async Task AuditLedgerAsync(SupabaseHost host)
    {
        (await host.AuditAsync()).Should().BeEmpty();
        (await host.StandIn.Control.ScalarAsync<long>(
            "select (select sum(credits) from public.user_credits)::bigint - (select sum(amount) from public.credit_ledger)::bigint"))
                .Should().Be(0);
    }

    private async Task PayAsync(SupabaseHost host, IEnumerable<SignedIn> users, string step)
    {
        foreach (var user in users)
        {
            var key = $"{step}-{user.Id}";
            using var answer = await At(host, user).WorkAsync(key);
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            var left = await host.StandIn.Control.ScalarAsync<long>(
                "select balance_after from public.credit_ledger where user_id = $1 and idempotency_key = $2 and amount = $3",
                    Guid.Parse(user.Id), $"http:{key}", -Price);
            RecordChange(user, -Price, left);
        }
    }

    private async Task DeductAsync(HttpClient server, SignedIn user)
    {
        var began = TimeProvider.System.GetUtcNow();
        using var answer = await server.PostAsJsonAsync("/rest/v1/rpc/deduct_credits", new { p_user = user.Id, p_amount = Deduction });
        var text = await answer.Content.ReadAsStringAsync();
        var rejected = answer.StatusCode == HttpStatusCode.Forbidden && text.Contains("42501", StringComparison.Ordinal);
        if (!rejected)
        {
            answer.StatusCode.Should().Be(HttpStatusCode.OK, text);
            var row = JsonDocument.Parse(text).RootElement.EnumerateArray().Single();
            RecordChange(user, -Deduction, row.GetProperty("left_over").GetInt64());
        }

        _writes.Enqueue(new OwnWrite(OwnPath.Deduction, rejected, began, TimeProvider.System.GetUtcNow()));
    }

    private async Task WebhookAsync(NpgsqlDataSource sql, SignedIn user)
    {
        var began = TimeProvider.System.GetUtcNow();
        var rejected = false;
        try
        {
            await using var command =
                sql.CreateCommand("update public.user_credits set credits = credits + $2 where user_id = $1 returning credits");
            command.Parameters.AddWithValue(Guid.Parse(user.Id));
            command.Parameters.AddWithValue(Purchase);
            RecordChange(user, Purchase, (int)(await command.ExecuteScalarAsync())!);
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            rejected = true;
        }

        _writes.Enqueue(new OwnWrite(OwnPath.Webhook, rejected, began, TimeProvider.System.GetUtcNow()));
    }

    private async Task ReadBalanceAsync(SignedIn user)
    {
        foreach (var (host, name) in _visible)
        {
            var requestedAt = TimeProvider.System.GetUtcNow();
            var (_, body) = await At(host, user).GetAsync("/auth/credits");
            var respondedAt = TimeProvider.System.GetUtcNow();
            var status = body.GetProperty("status").GetString()!;
            _lastRequested[(name, user.Id, status)] = requestedAt;
            _observations.Enqueue(new ObservedBalance(
                name,
                Guid.Parse(user.Id),
                status,
                NumberIn(body, "credits") + (NumberIn(body, "held") ?? 0),
                NumberIn(body, "version") is not null,
                body.TryGetProperty("as_of", out var asOf) && asOf.ValueKind == JsonValueKind.String ? asOf.GetDateTimeOffset() : null,
                requestedAt,
                respondedAt));
        }
    }

    /// <summary>Records an acknowledged change and the balance after the change.</summary>
    private void RecordChange(SignedIn user, long change, long left)
    {
        _history.Committed(Guid.Parse(user.Id), left);
        _expectedBalances.AddOrUpdate(Guid.Parse(user.Id), change, (_, credits) => credits + change);
    }

    private static SignedIn At(SupabaseHost host, SignedIn user) => new(host, user.Id, user.Email, user.Token, user.RefreshToken);
}
