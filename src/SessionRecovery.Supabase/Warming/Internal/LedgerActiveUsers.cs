using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Credits.Internal;
using SessionRecovery.Supabase.Http.Internal;
using SessionRecovery.Warming;

namespace SessionRecovery.Supabase.Warming.Internal;

/// <summary>Reads the active users and their balances from the ledger in one call, and records active users in one call.</summary>
internal sealed class LedgerActiveUsers(LedgerFunctions ledger) : IActiveUserStore
{
    public async ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(
        int limit, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var response = await ledger.CallAsync(
            "active_user_snapshot",
            new SnapshotArguments(limit, since),
            LedgerJson.Default.SnapshotArguments,
            SupabaseCredential.Server,
            cancellationToken).ConfigureAwait(false);
        return (response.Users ?? throw SupabaseException.Unreadable())
            .Select(user => new ActiveUser
            {
                User = UserId.Create(user.UserId),
                Balance = new CreditBalance(
                    user.Available ?? throw SupabaseException.Unreadable(),
                    response.AsOf,
                    user.Held,
                    user.Version,
                    response.Incarnation,
                    LedgerResponse.Seconds(user.HoldExpiresIn)),
            })
            .ToList();
    }

    public async ValueTask RecordAsync(IReadOnlyList<UserId> users, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(users);

        // A user whose id is not a UUID has no account in the ledger.
        var accounts = new List<Guid>(users.Count);
        foreach (var user in users)
        {
            if (Guid.TryParseExact(user.Value, "D", out var account))
            {
                accounts.Add(account);
            }
        }

        if (accounts.Count > 0)
        {
            await ledger.CallAsync(
                "record_active_users",
                new RecordArguments(accounts),
                LedgerJson.Default.RecordArguments,
                SupabaseCredential.Server,
                cancellationToken).ConfigureAwait(false);
        }
    }
}
