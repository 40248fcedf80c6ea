using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Supabase.Tests.Host;
using SessionRecovery.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace SessionRecovery.Supabase.Tests.Ledger;

/// <summary>The statement timeouts of the ledger's functions, which PostgREST applies before the call.</summary>
[TestFixture]
internal sealed class StatementTimeoutTests
{
    private const string SlowLedger =
        """
        create function public.slow_down() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return new; end $$;
        create trigger slow_down before insert on public.credit_ledger for each row when (new.kind = 'consume')
            execute function public.slow_down();
        alter function public.consume_credits(uuid, bigint, text, text, jsonb, timestamptz) set statement_timeout = '200ms';
        notify pgrst, 'reload schema';
        """;

    [Test]
    public async Task A_debit_beyond_the_timeout_of_its_function_changes_nothing()
    {
        await using var host = await SupabaseHost.StartAsync();
        var ada = await host.SignUpAsync();
        (await ada.CreditsAsync(refresh: true)).Should().Be(100);
        var ledger = host.Services.GetRequiredService<ICreditLedger>();
        var (user, key) = (UserId.Create(ada.Id), IdempotencyKey.Create("slow"));
        await host.StandIn.Control.ExecuteAsync(SlowLedger);

        var slow = await ledger.ConsumeAsync(user, 5, key);
        var balance = await ada.CreditsAsync(refresh: true);
        await host.StandIn.Control.ExecuteAsync("drop trigger slow_down on public.credit_ledger");
        var repeated = await ledger.ConsumeAsync(user, 5, key);

        slow.Status.Should().Be(CreditCommandStatus.Busy);
        balance.Should().Be(100);
        repeated.Should().BeEquivalentTo(new { Status = CreditCommandStatus.Done, Replayed = false, Balance = new { Available = 95L } });
    }

    [Test]
    public async Task Every_function_of_the_API_has_a_statement_timeout()
    {
        await using var host = await SupabaseHost.StartAsync();

        var timeouts = await host.StandIn.Control.ScalarAsync<string[]>(
            """
            select array(select p.proname || ' ' || coalesce((select split_part(s, '=', 2) from unnest(p.proconfig) s
                where s like 'statement_timeout=%'), 'none')
            from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prorettype = 'jsonb'::regtype)
            """);

        timeouts.Should().HaveCountGreaterThan(14).And.OnlyContain(
            static timeout => timeout == "credits_audit 60s" || (timeout.EndsWith(" 5s") && !timeout.StartsWith("credits_audit")));
    }
}
