using SessionRecovery.Credits;
using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Warming.Internal;

/// <summary>
/// Reads the balances of users whom the previous process handed over. If the source supports it, the balances are read in one call. If the
/// source does not support it, they are read one by one from the host's reader.
/// </summary>
internal sealed class HandedOverUsers(ResilientCreditStore store, IActiveUserSource? source = null)
{
    private const int MaxConcurrentReads = 4;

    public async Task<IReadOnlyList<ActiveUser>> ReadAsync(IReadOnlyList<UserId> users, CancellationToken cancellationToken) =>
        users.Count == 0
            ? []
            : await ReadInOneCallAsync(users, cancellationToken).ConfigureAwait(false)
                ?? await ReadOneByOneAsync(users, cancellationToken).ConfigureAwait(false);

    private async Task<IReadOnlyList<ActiveUser>?> ReadInOneCallAsync(IReadOnlyList<UserId> users, CancellationToken cancellationToken) =>
        source is null ? null : await source.GetUsersAsync(users, cancellationToken).ConfigureAwait(false);

    private async Task<IReadOnlyList<ActiveUser>> ReadOneByOneAsync(IReadOnlyList<UserId> users, CancellationToken cancellationToken)
    {
        var found = new ActiveUser?[users.Count];
        var isUnavailable = false;
        await Parallel.ForAsync(
            0,
            users.Count,
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentReads, CancellationToken = cancellationToken },
            async (index, token) =>
            {
                // The remaining users are not read after the store was unavailable for one user.
                if (Volatile.Read(ref isUnavailable))
                {
                    return;
                }

                // The session has no access token, because a stopping host does not store tokens for the next start. A reader that needs a
                // token returns Unauthenticated. The balance of such a user is read with the user's next request.
                var result = await store.ReadAsync(new UserSession(users[index]), token).ConfigureAwait(false);
                if (result is { Status: CreditReadStatus.Current, Balance: { } balance })
                {
                    found[index] = new ActiveUser { User = users[index], Balance = balance };
                }
                else if (result.Status == CreditReadStatus.Unavailable)
                {
                    Volatile.Write(ref isUnavailable, true);
                }
            }).ConfigureAwait(false);
        return [.. found.OfType<ActiveUser>()];
    }
}
