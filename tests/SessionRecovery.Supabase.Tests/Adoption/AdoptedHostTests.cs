using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Supabase.Tests.Host;
using SessionRecovery.Supabase.Tests.Hosting;
using SupabaseStandIn;

namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>
/// An app with a table, a function and a webhook of its own goes from step 1 to *expand*, to *contract* and back, host and database, one
/// deployment after the other, while its own SQL runs and its users look at their balances all the time.
/// </summary>
[TestFixture]
internal sealed class AdoptedHostTests
{
    private const int Start = 1000;

    private const string App =
        """
        create table public.user_credits (user_id uuid primary key references auth.users (id) on delete cascade, credits integer not null default 0);
        alter table public.user_credits enable row level security;
        create policy "read own" on public.user_credits for select to authenticated using ((select auth.uid()) = user_id);
        create function public.deduct_credits(p_user uuid, p_amount integer) returns table (left_over integer)
        language plpgsql security definer set search_path = public as $$
        begin
            return query update user_credits set credits = credits - p_amount where user_id = p_user and credits >= p_amount returning credits;
        end
        $$;
        revoke execute on function public.deduct_credits from public, anon, authenticated;
        grant execute on function public.deduct_credits to service_role;
        """;

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, long> _booked = new();
    private readonly ConcurrentQueue<SeenBalance> _seen = new();
    private int _refused;

    [Test]
    public async Task No_balance_is_wrong_on_the_way_to_the_ledger_and_back()
    {
        await using var standIn = await StandIns.StartAsync(new StandInOptions { Migrations = false, SqlBeforeMigrations = [App, BalanceHistory.Trigger] });
        await using var reading = await StartAsync(standIn, static _ => { });
        SignedIn[] users = [await reading.SignUpAsync(), await reading.SignUpAsync("eve"), await reading.SignUpAsync("joe")];
        foreach (var user in users)
        {
            await standIn.Control.ExecuteAsync("insert into public.user_credits values ($1, $2)", Guid.Parse(user.Id), Start);
            _booked[Guid.Parse(user.Id)] = Start;
        }

        using var stop = new CancellationTokenSource();
        await using var sql = NpgsqlDataSource.Create(standIn.Control.ConnectionString());
        using var server = reading.Gateway(key: standIn.Keys.Secret);
        var deductions = Repeated.Start(round => DeductAsync(server, users[round % users.Length]), stop.Token);
        var webhook = Repeated.Start(round => WebhookAsync(sql, users[round % users.Length]), stop.Token);
        var visible = new ConcurrentDictionary<SupabaseHost, bool> { [reading] = true };
        var looks = Repeated.Start(round => LookAsync(visible.Keys, users[round % users.Length]), stop.Token);
        async Task GoOn()
        {
            await deductions.GoOnAsync(30);
            await webhook.GoOnAsync(30);
            await looks.GoOnAsync(12);
        }

        await GoOn();
        foreach (var migration in Directory.GetFiles(Sql("Migrations")).Order(StringComparer.Ordinal))
        {
            await standIn.Control.ApplyAsync(await File.ReadAllTextAsync(migration));
        }

        await GoOn();
        await using (var spending = await StartAsync(standIn, static recovery => recovery.UseSupabaseLedger()))
        {
            visible[spending] = true;
            await GoOn();
            await PayAsync(spending, users, "expanded");
            await CheckBooksAsync(spending);

            await ApplyAsync(standIn, "Contract");
            await GoOn();
            await PayAsync(spending, users, "contracted");
            await CheckBooksAsync(spending);
            _refused.Should().BePositive("only the ledger writes after contract");
            visible.Remove(spending, out _);
            await looks.GoOnAsync(2);
        }

        await ApplyAsync(standIn, "Leaving");
        await GoOn();
        var refused = _refused;
        await GoOn();
        await stop.CancelAsync();
        await Task.WhenAll(deductions.EndedAsync(), webhook.EndedAsync(), looks.EndedAsync());

        _refused.Should().Be(refused, "the app's own SQL works again");
        foreach (var user in users)
        {
            (await standIn.Control.ScalarAsync<int>("select credits from public.user_credits where user_id = $1", Guid.Parse(user.Id))).Should().Be((int)_booked[Guid.Parse(user.Id)]);
        }

        _seen.Should().OnlyContain(seen => seen.Status == "known" || seen.Status == "stale");
        var slowest = _seen.Max(seen => seen.Answered - seen.Asked);
        var history = await BalanceHistory.ReadAsync(standIn.Control);
        _seen.Where(seen => seen.Status == "known" && !history.WasRight(seen, Freshness + slowest)).Should().BeEmpty();
        await TestContext.Out.WriteLineAsync($"{_seen.Count} balances seen, {_seen.Count(seen => seen.Status == "stale")} of them stale; the slowest took {slowest.TotalMilliseconds:0} ms");
    }

    private static long? NumberIn(JsonElement body, string name) =>
        body.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number ? number.GetInt64() : null;

    private static string Sql(string folder) => Path.Combine(AppContext.BaseDirectory, "Sql", folder);

    private static async Task ApplyAsync(StandIn standIn, string folder) =>
        await standIn.Control.ApplyAsync(await File.ReadAllTextAsync(Directory.GetFiles(Sql(folder)).Single()));

    private static Task<SupabaseHost> StartAsync(StandIn standIn, Action<SessionRecoveryBuilder> steps) => SupabaseHost.StartAsync(
        standIn, steps, static services => services.Configure<CreditOptions>(static credits => (credits.Freshness, credits.UnversionedFreshness) = (Freshness, Freshness)));

    private static async Task CheckBooksAsync(SupabaseHost host)
    {
        (await host.AuditAsync()).Should().BeEmpty();
        (await host.StandIn.Control.ScalarAsync<long>("select (select sum(credits) from public.user_credits)::bigint - (select sum(amount) from public.credit_ledger)::bigint")).Should().Be(0);
    }

    private async Task PayAsync(SupabaseHost host, IEnumerable<SignedIn> users, string step)
    {
        foreach (var user in users)
        {
            using var answer = await At(host, user).WorkAsync($"{step}-{user.Id}");
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            Book(user, -5);
        }
    }

    private async Task DeductAsync(HttpClient server, SignedIn user)
    {
        using var answer = await server.PostAsJsonAsync("/rest/v1/rpc/deduct_credits", new { p_user = user.Id, p_amount = 1 });
        var text = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode == HttpStatusCode.Forbidden && text.Contains("42501", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _refused);
            return;
        }

        answer.StatusCode.Should().Be(HttpStatusCode.OK, text);
        Book(user, text == "[]" ? 0 : -1);
    }

    private async Task WebhookAsync(NpgsqlDataSource sql, SignedIn user)
    {
        try
        {
            await using var command = sql.CreateCommand("update public.user_credits set credits = credits + 3 where user_id = $1");
            command.Parameters.AddWithValue(Guid.Parse(user.Id));
            Book(user, 3 * await command.ExecuteNonQueryAsync());
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            Interlocked.Increment(ref _refused);
        }
    }

    private async Task LookAsync(IEnumerable<SupabaseHost> hosts, SignedIn user)
    {
        foreach (var host in hosts)
        {
            var asked = TimeProvider.System.GetUtcNow();
            var (_, body) = await At(host, user).GetAsync("/auth/credits");
            var answered = TimeProvider.System.GetUtcNow();
            _seen.Enqueue(new SeenBalance(
                Guid.Parse(user.Id),
                body.GetProperty("status").GetString()!,
                NumberIn(body, "credits") + (NumberIn(body, "held") ?? 0),
                asked,
                answered));
        }
    }

    private void Book(SignedIn user, long change) => _booked.AddOrUpdate(Guid.Parse(user.Id), change, (_, credits) => credits + change);

    private static SignedIn At(SupabaseHost host, SignedIn user) => new(host, user.Id, user.Email, user.Token, user.RefreshToken);
}
