using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Credits.Internal;
using SessionRecovery.Supabase.Http.Internal;
using SessionRecovery.Warming;

namespace SessionRecovery.Supabase.Warming.Internal;

/// <summary>Reads the active users and their balances from the ledger with one function call.</summary>
internal sealed class LedgerActiveUsers(LedgerFunctions ledger) : IActiveUserSource
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
}
