using System.Collections.Concurrent;
using FluentAssertions;
using Npgsql;
using SupabaseStandIn.Control;

namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>
/// Records the history of every balance. A trigger of the application records each balance before its commit, and the writer records the
/// time after the commit. A balance became current after the time that the trigger recorded for it, and stayed current at the latest until
/// the time that the writer recorded for the next balance.
/// </summary>
internal sealed class BalanceHistory
{
    /// <summary>The SQL of a trigger that the application had before it adopted the ledger.</summary>
    public const string Trigger =
        """
        create table public.balance_history (id bigint generated always as identity primary key, user_id uuid not null, credits integer not
            null, at timestamptz not null);
        alter table public.balance_history enable row level security;
        create function public.write_balance_down() returns trigger language plpgsql security definer set search_path = public as $$
        begin
            if tg_op = 'INSERT' or new.credits <> old.credits then
                insert into balance_history (user_id, credits, at) values (new.user_id, new.credits, clock_timestamp());
            end if;
            return null;
        end
        $$;
        create trigger write_balance_down after insert or update on public.user_credits for each row execute function
            public.write_balance_down();
        """;

    private readonly ConcurrentDictionary<(Guid User, long Credits), DateTimeOffset> _committed = new();
    private readonly Dictionary<(Guid User, long Credits), (DateTimeOffset From, DateTimeOffset Until)> _times = [];

    /// <summary>Records that the transaction with this balance has been committed.</summary>
    public void Committed(Guid user, long credits) =>
        _committed.TryAdd((user, credits), TimeProvider.System.GetUtcNow())
            .Should().BeTrue("each balance must be unique, because otherwise an outdated balance could look current");

    /// <summary>Reads the rows that the trigger has written, at the end of the test.</summary>
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
                .Should().OnlyContain(balance => _committed.ContainsKey(balance), "the writer must have recorded each change");
            for (var i = 0; i < balances.Count; i++)
            {
                var until = i + 1 < balances.Count ? _committed[(user, balances[i + 1].Credits)] : DateTimeOffset.MaxValue;

                // A balance is written only after the previous balance was committed.
                until = i + 2 < balances.Count && balances[i + 2].From < until ? balances[i + 2].From : until;
                _times.Add((user, balances[i].Credits), (balances[i].From, until));
            }
        }
    }

    /// <summary>
    /// Returns a value that indicates whether the number was the current balance at some time between <paramref name="earliest"/> and the
    /// response.
    /// </summary>
    public bool WasCurrent(ObservedBalance observation, DateTimeOffset earliest) =>
        observation.Total is { } total && _times.TryGetValue((observation.User, total), out var time)
            && time.From <= observation.RespondedAt && time.Until >= earliest;
}
