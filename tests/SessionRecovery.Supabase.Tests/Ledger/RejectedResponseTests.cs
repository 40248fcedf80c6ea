using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Tests.Host;

namespace SessionRecovery.Supabase.Tests.Ledger;

/// <summary>
/// Tests a project whose trigger sets invalid response headers. PostgREST rejects the headers after the debit has been committed.
/// </summary>
[TestFixture]
internal sealed class RejectedResponseTests
{
    private const string Trigger =
        """
        create function public.set_headers() returns trigger language plpgsql as
            $$ begin perform set_config('response.headers', '{"X":"1"}', true); return new; end $$;
        create trigger set_headers before insert on public.usage_logs for each row execute function public.set_headers();
        """;

    [Test]
    public async Task A_second_attempt_finds_the_committed_debit()
    {
        await using var host = await SupabaseHost.StartAsync();
        var ada = await host.SignUpAsync();
        (await ada.CreditsAsync(refresh: true)).Should().Be(100);
        var ledger = host.Services.GetRequiredService<ICreditLedger>();
        var (user, key) = (UserId.Create(ada.Id), IdempotencyKey.Create("work"));
        await host.StandIn.Control.ExecuteAsync(Trigger);

        var result = await ledger.ConsumeAsync(user, 5, key);

        result.Should().BeEquivalentTo(new { Status = CreditCommandStatus.Done, Replayed = true, Balance = new { Available = 95L } });
        (await ada.CreditsAsync(refresh: true)).Should().Be(95);
    }
}
