using Npgsql;
using SupabaseStandIn.Control;

namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>Every balance there was, from when, as a trigger of the app itself wrote it down.</summary>
internal sealed class BalanceHistory(IReadOnlyDictionary<Guid, IReadOnlyList<(DateTimeOffset From, long Credits)>> balances)
{
    /// <summary>An app that had a trigger on its table before it knew of us.</summary>
    public const string Trigger =
        """
        create table public.balance_history (id bigint generated always as identity primary key, user_id uuid not null, credits integer not null, at timestamptz not null);
        alter table public.balance_history enable row level security;
        create function public.write_balance_down() returns trigger language plpgsql security definer set search_path = public as $$
        begin
            insert into balance_history (user_id, credits, at) values (new.user_id, new.credits, clock_timestamp());
            return null;
        end
        $$;
        create trigger write_balance_down after insert or update on public.user_credits for each row execute function public.write_balance_down();
        """;

    public static async Task<BalanceHistory> ReadAsync(StandInControl control)
    {
        await using var source = NpgsqlDataSource.Create(control.ConnectionString());
        await using var command = source.CreateCommand("select user_id, at, credits from public.balance_history order by id");
        await using var reader = await command.ExecuteReaderAsync();
        var balances = new Dictionary<Guid, IReadOnlyList<(DateTimeOffset, long)>>();
        while (await reader.ReadAsync())
        {
            var user = reader.GetGuid(0);
            balances.TryAdd(user, new List<(DateTimeOffset, long)>());
            ((List<(DateTimeOffset, long)>)balances[user]).Add((reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt32(2)));
        }

        return new BalanceHistory(balances);
    }

    /// <summary>
    /// Whether the balance was right at some moment between the question and its answer, or at most so long before. The moment of a commit
    /// is not in the history: a balance was still right until the one after the next was written.
    /// </summary>
    public bool WasRight(SeenBalance seen, TimeSpan age)
    {
        var past = balances[seen.User];
        return Enumerable.Range(0, past.Count).Any(index => past[index].Credits == seen.Owned
            && past[index].From <= seen.Answered
            && (index + 2 >= past.Count || past[index + 2].From >= seen.Asked - age));
    }
}
