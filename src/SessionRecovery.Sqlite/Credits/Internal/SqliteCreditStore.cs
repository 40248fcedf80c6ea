using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// Stores the credits and the ledger in SQLite. Each command runs in one transaction, which expires due reservations, checks the
/// idempotency key and the balance, and makes the change.
/// </summary>
internal sealed class SqliteCreditStore(
    SqliteDatabase database,
    TimeProvider time,
    ILogger<SqliteCreditStore> logger) : ICreditStore, ICreditStoreAudit, ICreditStoreHistory, ICreditStoreReservations
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;

    public async ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await ReadAsync(session.User, cancellationToken).ConfigureAwait(false);
        }
        catch (DatabaseUnavailableException exception)
        {
            // The exception is not transient, because another attempt would also fail. After an exception that is not transient, the cache
            // returns the last known balance without a retry.
            throw new CreditStoreException(exception.Message, isTransient: false, innerException: exception);
        }
    }

    public async ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        try
        {
            return await database.WriteAsync(connection => Apply(connection, command), cancellationToken).ConfigureAwait(false);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is Busy or Locked or ReadOnly)
        {
            // Another program has locked the file, or the file is read-only. The transaction did not begin or was rolled back, so nothing
            // was changed.
            logger.CommandNotApplied(command.GetType().Name, exception.SqliteErrorCode, exception.SqliteExtendedErrorCode);
            return CreditCommandResult.Busy;
        }
        catch (DatabaseUnavailableException)
        {
            // The transaction did not begin, so nothing was changed. The cause has already been logged.
            return CreditCommandResult.Busy;
        }
    }

    public ValueTask<CreditHistoryPage> ReadHistoryAsync(UserId user, long? before, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return new(database.Read(connection => CreditHistory.Read(connection, user, before, limit)));
        }
        catch (DatabaseUnavailableException exception)
        {
            throw new CreditStoreException(exception.Message, isTransient: false, innerException: exception);
        }
    }

    public ValueTask<IReadOnlyList<OpenCreditReservation>> ListOpenReservationsAsync(
        UserId? user, OpenCreditReservation? after, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return new(database.Read(connection => OpenReservations.List(connection, user, after, limit, time.GetUtcNow())));
        }
        catch (DatabaseUnavailableException exception)
        {
            throw new CreditStoreException(exception.Message, isTransient: false, innerException: exception);
        }
    }

    public ValueTask<IReadOnlyList<string>> AuditAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Read(connection => connection.InSnapshot(CreditAudit.Run)));
    }

    /// <summary>
    /// Releases the reservations that requests in an earlier process left open, so that clients can repeat these requests at once. Only one
    /// process uses the file, so no request of an earlier process can still be running. Reservations without a lease owner belong to host
    /// code and stay open.
    /// </summary>
    public async Task ReleaseLeasedReservationsAsync(CancellationToken cancellationToken)
    {
        var count = await database.WriteAsync(ReleaseLeasedReservations, cancellationToken).ConfigureAwait(false);
        if (count > 0)
        {
            logger.ReservationsReleased(count);
        }
    }

    /// <summary>Expires the due reservations of the given users in one transaction.</summary>
    public ValueTask<int> ExpireDueReservationsAsync(IReadOnlyCollection<UserId> users, CancellationToken cancellationToken) =>
        database.WriteAsync(
            connection =>
            {
                foreach (var user in users)
                {
                    Open(connection, user)?.ToResult(CreditCommandStatus.Done);
                }

                return users.Count;
            },
            cancellationToken);

    private async ValueTask<CreditReadResult> ReadAsync(UserId user, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (database.Read(connection => Account.Find(connection, user)) is not { } account)
        {
            return CreditReadResult.NotFound;
        }

        if (!account.HasDueReservation(now))
        {
            return CreditReadResult.Current(account.ToBalance(now, database.Incarnation));
        }

        // The account has a reservation whose lifetime is over. The writer connection must expire this reservation, because the change
        // increments the version of the account.
        var outcome = await database.WriteAsync(
            connection => Open(connection, user)!.ToResult(CreditCommandStatus.Done), cancellationToken).ConfigureAwait(false);
        return CreditReadResult.Current(outcome.Balance!);
    }

    private CreditCommandResult Apply(StoreConnection connection, CreditCommand command)
    {
        // The command acquired the lock after its deadline. The sender has stopped waiting and may have repeated the command.
        if (time.GetUtcNow() > command.Deadline)
        {
            return CreditCommandResult.Busy;
        }

        if (Open(connection, command.User) is not { } account)
        {
            switch (command)
            {
                case CreditCommand.Initialize:
                    return InitializeHandler.Create(
                        connection, command.User, database.InitialCredits, time.GetUtcNow(), database.Incarnation);
                case CreditCommand.Grant grant:
                    return GrantHandler.Open(
                        AccountTransaction.Begin(connection, command.User, time.GetUtcNow(), database.Incarnation),
                        grant,
                        database.InitialCredits);
                case CreditCommand.Consume or CreditCommand.Reserve { Amount: > 0 } or CreditCommand.Refund or CreditCommand.Adjust:
                    return new CreditCommandResult(CreditCommandStatus.NotInitialized);
            }

            account = AccountTransaction.OpenWithoutAccount(connection, command.User, time.GetUtcNow());
        }

        return command switch
        {
            CreditCommand.Initialize => InitializeHandler.Repeat(account),
            CreditCommand.Consume consume => ConsumeHandler.Apply(account, consume),
            CreditCommand.Grant grant => GrantHandler.Apply(account, grant),
            CreditCommand.Refund refund => RefundHandler.Apply(account, refund),
            CreditCommand.Adjust adjust => AdjustHandler.Apply(account, adjust),
            CreditCommand.Reserve reserve => ReserveHandler.Apply(account, reserve),
            CreditCommand.Renew extend => RenewHandler.Apply(account, extend),
            CreditCommand.Claim claim => RenewHandler.Apply(account, claim),
            CreditCommand.Capture capture => CaptureHandler.Apply(account, capture),
            CreditCommand.Settle settle => CaptureHandler.Apply(account, settle),
            CreditCommand.Release release => ReleaseHandler.Apply(account, release),
            _ => throw new NotSupportedException(
                $"This version of the SQLite store does not support the command {command.GetType().Name}."),
        };
    }

    // The time is read after the write lock is acquired. With an earlier time, a reservation that expired while the command waited would
    // still count as open.
    private AccountTransaction? Open(StoreConnection connection, UserId user) =>
        AccountTransaction.Open(connection, user, time.GetUtcNow(), database.Incarnation);

    private int ReleaseLeasedReservations(StoreConnection connection)
    {
        var users = new List<UserId>();
        using (var rows = connection.Query(
            "select distinct user_id from credit_reservations where state = 'held' and lease_owner is not null"))
        {
            while (rows.Read())
            {
                users.Add(UserId.Create(rows.GetString(0)));
            }
        }

        var count = connection.Execute(
            "update credit_reservations set state = 'released', closed_at = $now where state = 'running' and lease_owner is not null",
            ("$now", time.GetUtcNow().ToStore()));
        foreach (var user in users)
        {
            var account = Open(connection, user)!;
            foreach (var reservation in account.Reservations.WithLeaseOwner())
            {
                account.End(reservation, EntryKind.Release, ReservationRow.Released);
                count++;
            }

            account.ToResult(CreditCommandStatus.Done);
        }

        return count;
    }
}
