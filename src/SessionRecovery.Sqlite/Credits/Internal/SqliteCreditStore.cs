using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// The ledger in SQLite. Each command is one transaction: the user's row, the holds that are due, the key, the check, the change.
/// </summary>
internal sealed class SqliteCreditStore(
    SqliteDatabase database,
    TimeProvider time,
    ILogger<SqliteCreditStore> logger) : ICreditStore, ICreditStoreAudit
{
    private const int Busy = 5;
    private const int Locked = 6;

    public async ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        cancellationToken.ThrowIfCancellationRequested();
        var now = time.GetUtcNow();
        if (database.Read(connection => Account.Find(connection, session.User)) is not { } account)
        {
            return CreditReadResult.NotFound;
        }

        if (!account.HasDueReservation(now))
        {
            return CreditReadResult.Current(account.ToBalance(now, database.Incarnation));
        }

        // A hold that is due counts as released, and its end is a version of its own: the writer ends it first.
        var outcome = await database.WriteAsync(
            connection => Open(connection, session.User)!.ToResult(CreditCommandStatus.Done), cancellationToken).ConfigureAwait(false);
        return CreditReadResult.Current(outcome.Balance!);
    }

    public async ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        try
        {
            return await database.WriteAsync(connection => Apply(connection, command), cancellationToken).ConfigureAwait(false);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is Busy or Locked)
        {
            // Another program has the file; the transaction did not begin or was rolled back.
            return CreditCommandResult.Busy;
        }
    }

    public ValueTask<IReadOnlyList<string>> AuditAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Read(connection => connection.InSnapshot(CreditAudit.Run)));
    }

    /// <summary>
    /// Gives back what work of an earlier process held, so that its repeat runs at once. Only one process uses the file, so that work
    /// is over. Reservations without a runner belong to host code and stay.
    /// </summary>
    public async Task ReleaseLeasedReservationsAsync(CancellationToken cancellationToken)
    {
        var count = await database.WriteAsync(ReleaseLeasedReservations, cancellationToken).ConfigureAwait(false);
        if (count > 0)
        {
            logger.ReservationsReleased(count);
        }
    }

    /// <summary>Ends what is due of these users, in one transaction.</summary>
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

    private CreditCommandResult Apply(StoreConnection connection, CreditCommand command)
    {
        if (Open(connection, command.User) is not { } account)
        {
            return command switch
            {
                CreditCommand.Initialize => InitializeHandler.Create(
                    connection, command.User, database.InitialCredits, time.GetUtcNow(), database.Incarnation),
                CreditCommand.Consume or CreditCommand.Reserve => new CreditCommandResult(CreditCommandStatus.NotInitialized),

                // Who has no account has no hold; a foreign one looks like a missing one.
                _ => new CreditCommandResult(CreditCommandStatus.AlreadyClosed),
            };
        }

        return command switch
        {
            CreditCommand.Initialize => InitializeHandler.Repeat(account),
            CreditCommand.Consume consume => ConsumeHandler.Apply(account, consume),
            CreditCommand.Reserve reserve => ReserveHandler.Apply(account, reserve),
            CreditCommand.Renew extend => RenewHandler.Apply(account, extend),
            CreditCommand.Capture capture => CaptureHandler.Apply(account, capture),
            CreditCommand.Release release => ReleaseHandler.Apply(account, release),
            _ => throw new NotSupportedException($"This release of the SQLite store does not know the command {command.GetType().Name}."),
        };
    }

    // The time is taken with the write lock in hand: a wait for it must not make a lapsed hold look alive.
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

        var count = 0;
        foreach (var user in users)
        {
            var account = Open(connection, user)!;
            foreach (var hold in account.Reservations.WithLeaseOwner())
            {
                account.End(hold, EntryKind.Release, ReservationRow.Released);
                count++;
            }

            account.ToResult(CreditCommandStatus.Done);
        }

        return count;
    }
}
