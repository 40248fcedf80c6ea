using System.Collections.Concurrent;
using FluentAssertions;
using Npgsql;
using SupabaseStandIn.Control;

namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>
/// Every balance there was, and when. A trigger of the app itself writes each down before its commit; whoever made it says when it was
/// surely committed. So a balance was the true one from the first moment at the earliest until its successor's second moment at the latest.
/// </summary>
internal sealed class BalanceHistory
{
    /// <summary>An app that had a trigger on its table before it knew of us.</summary>
    public const string Trigger =
        """
        create table public.balance_history (id bigint generated always as identity primary key, user_id uuid not null, credits integer not null, at timestamptz not null);
        alter table public.balance_history enable row level security;
        create function public.write_balance_down() returns trigger language plpgsql security definer set search_path = public as $$
        begin
            if tg_op = 'INSERT' or new.credits <> old.credits then
                insert into balance_history (user_id, credits, at) values (new.user_id, new.credits, clock_timestamp());
            end if;
            return null;
        end
        $$;
        create trigger write_balance_down after insert or update on public.user_credits for each row execute function public.write_balance_down();
        """;

    private readonly ConcurrentDictionary<(Guid User, long Credits), DateTimeOffset> _committed = new();
    private readonly Dictionary<(Guid User, long Credits), (DateTimeOffset From, DateTimeOffset Until)> _times = [];

    /// <summary>The change that led to this balance is committed by now.</summary>
    public void Committed(Guid user, long credits) =>
        _committed.TryAdd((user, credits), TimeProvider.System.GetUtcNow())
            .Should().BeTrue("a balance that comes twice would make a late look seem right");

    /// <summary>Reads what the trigger wrote, after all is over.</summary>
    public async Task ReadAsync(StandInControl control)
    {
        var users = new Dictionary<Guid, List<(long Credits, DateTimeOffset From)>>();
        await using var source = NpgsqlDataSource.Create(control.ConnectionString());
        await using var command = source.CreateCommand("select user_id, at, credits from public.balance_history order by id");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            users.TryAdd(reader.GetGuid(0), []);
            users[reader.GetGuid(0)].Add((reader.GetInt32(2), reader.GetFieldValue<DateTimeOffset>(1)));
        }

        foreach (var (user, balances) in users)
        {
            balances.Select(balance => (user, balance.Credits))
                .Should().OnlyContain(balance => _committed.ContainsKey(balance), "whoever changed a balance said so");
            for (var i = 0; i < balances.Count; i++)
            {
                var until = i + 1 < balances.Count ? _committed[(user, balances[i + 1].Credits)] : DateTimeOffset.MaxValue;

                // The one after the next was written only once the next was committed.
                until = i + 2 < balances.Count && balances[i + 2].From < until ? balances[i + 2].From : until;
                _times.Add((user, balances[i].Credits), (balances[i].From, until));
            }
        }
    }

    /// <summary>
    /// Whether the number was the true balance at some moment from <paramref name="earliest"/> on, before it was answered.
    /// </summary>
    public bool WasRight(SeenBalance seen, DateTimeOffset earliest) =>
        seen.Owned is { } owned && _times.TryGetValue((seen.User, owned), out var time) && time.From <= seen.Answered
            && time.Until >= earliest;
}
