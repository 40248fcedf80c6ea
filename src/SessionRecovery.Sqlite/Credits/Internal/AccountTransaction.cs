using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// Represents the account of one user within one database transaction. <see cref="Open"/> first expires the reservations whose lifetime is
/// over, so that every command uses the current balance. Each call of <see cref="Append"/> adds one ledger entry and increments the version
/// of the account. <see cref="ToResult(CreditCommandStatus)"/> writes the account's row to the database.
/// </summary>
internal sealed class AccountTransaction
{
    private readonly StoreConnection _connection;
    private readonly UserId _user;
    private readonly string _incarnation;
    private readonly bool _hasAccount;
    private Account _account;
    private Account? _stored;

    private AccountTransaction(
        StoreConnection connection, UserId user, Account? stored, bool hasAccount, DateTimeOffset now, string incarnation)
    {
        _hasAccount = hasAccount;
        _connection = connection;
        _user = user;
        _account = stored ?? default;
        _stored = stored;
        _incarnation = incarnation;
        Now = now;
        Reservations = new ReservationTable(connection, user, now);
    }

    public DateTimeOffset Now { get; }

    public ReservationTable Reservations { get; }

    /// <summary>
    /// Reads the user's account and expires the reservations whose lifetime is over. Returns <see langword="null"/> if the user has no
    /// account.
    /// </summary>
    public static AccountTransaction? Open(StoreConnection connection, UserId user, DateTimeOffset now, string incarnation)
    {
        if (Account.Find(connection, user) is not { } account)
        {
            return null;
        }

        var transaction = new AccountTransaction(connection, user, account, hasAccount: true, now, incarnation);
        if (account.HasDueReservation(now))
        {
            foreach (var reservation in transaction.Reservations.Due())
            {
                transaction.End(reservation, EntryKind.Expire, ReservationRow.Expired);
            }
        }

        return transaction;
    }

    /// <summary>Creates a new account for the user. The caller must append the first ledger entry of the account.</summary>
    public static AccountTransaction Begin(StoreConnection connection, UserId user, DateTimeOffset now, string incarnation) =>
        new(connection, user, stored: null, hasAccount: true, now, incarnation);

    /// <summary>
    /// Gives access to the reservations of a user without an account. The user can have only reservations without a price.
    /// </summary>
    public static AccountTransaction OpenWithoutAccount(StoreConnection connection, UserId user, DateTimeOffset now) =>
        new(connection, user, stored: null, hasAccount: false, now, incarnation: string.Empty);

    /// <summary>Returns whether the available credits suffice for an amount. The credits always suffice for the amount 0.</summary>
    public bool Covers(long amount) => amount == 0 || _account.Available >= amount;

    /// <summary>Returns whether the balance can be increased by an amount without exceeding its maximum.</summary>
    public bool HasRoom(long amount) => _account.Credits <= CreditCommand.MaxAmount - amount;

    /// <summary>Finds the ledger entry or the reservation that already uses an idempotency key.</summary>
    public KeyUse? FindUse(IdempotencyKey key)
    {
        using var row = _connection.Query(
            """
            select id, kind, amount, refers_to, fingerprint, actor from credit_ledger
            where user_id = $user and idempotency_key = $key and reservation_id is null
            union all
            select 0, 'hold', 0, null, null, null from credit_reservations where user_id = $user and idempotency_key = $key
            limit 1
            """,
            ("$user", _user.Value),
            ("$key", key.Value));
        return row.Read()
            ? new KeyUse(
                row.GetInt64(0),
                row.GetString(1),
                row.GetInt64(2),
                row.IsDBNull(3) ? null : row.GetInt64(3),
                row.IsDBNull(4) ? null : row.GetString(4),
                row.IsDBNull(5) ? null : row.GetString(5))
            : null;
    }

    /// <summary>Returns whether a ledger entry without a reservation already uses an idempotency key.</summary>
    public bool HasEntry(IdempotencyKey key) =>
        _connection.Scalar(
            "select 1 from credit_ledger where user_id = $user and idempotency_key = $key and reservation_id is null",
            ("$user", _user.Value),
            ("$key", key.Value)) is not null;

    /// <summary>
    /// Returns how many credits of a charge were not refunded yet; <see langword="null"/> if the user has no charge with this id.
    /// </summary>
    public long? FindRefundable(long entry) => (long?)_connection.Scalar(
        """
        select -l.amount - coalesce((select sum(r.amount) from credit_ledger r where r.refers_to = l.id and r.kind = 'refund'), 0)
        from credit_ledger l
        where l.id = $entry and l.user_id = $user and l.kind in ('consume', 'capture')
        """,
        ("$entry", entry),
        ("$user", _user.Value));

    /// <summary>Returns the id of the ledger entry that captured a reservation; <see langword="null"/> if nothing was charged.</summary>
    public long? FindCapture(ReservationRow reservation) => reservation.Charged == 0
        ? null
        : (long?)_connection.Scalar(
            "select id from credit_ledger where reservation_id = $reservation and kind = 'capture'", ("$reservation", reservation.Id));

    /// <summary>Appends a ledger entry to the account and increments the version of the account.</summary>
    /// <returns>The id of the ledger entry.</returns>
    public long Append(in LedgerEntry entry)
    {
        if (_stored is null)
        {
            InsertEmptyAccount();
        }

        _account = _account with
        {
            Credits = _account.Credits + entry.Amount,
            Held = _account.Held + entry.HeldDelta,
            Version = _account.Version + 1,
        };
        _connection.Execute(
            """
            insert into credit_ledger (
                user_id, version, previous, kind, amount, held_delta, balance_after, held_after, idempotency_key, fingerprint,
                reservation_id, refers_to, actor, reason, created_at)
            values (
                $user, $version, $previous, $kind, $amount, $delta, $balance, $held, $key, $fingerprint, $reservation, $refers, $actor,
                $reason, $now)
            """,
            ("$user", _user.Value),
            ("$version", _account.Version),
            ("$previous", _account.LastEntry),
            ("$kind", entry.Kind),
            ("$amount", entry.Amount),
            ("$delta", entry.HeldDelta),
            ("$balance", _account.Credits),
            ("$held", _account.Held),
            ("$key", entry.Key),
            ("$fingerprint", entry.Fingerprint),
            ("$reservation", entry.Reservation),
            ("$refers", entry.RefersTo),
            ("$actor", entry.Actor),
            ("$reason", entry.Reason),
            ("$now", Now.ToStore()));
        var id = _connection.LastRowId();
        _account = _account with { LastEntry = id };
        return id;
    }

    /// <summary>Appends the entry that holds the amount of a reservation.</summary>
    /// <returns>The id of the ledger entry; <see langword="null"/> for the amount 0, which changes nothing in the ledger.</returns>
    public long? AppendHold(string reservation, long amount, string? fingerprint) => amount == 0
        ? null
        : Append(new LedgerEntry(EntryKind.Hold, HeldDelta: amount) { Reservation = reservation, Fingerprint = fingerprint });

    /// <summary>Closes a reservation without a charge.</summary>
    public void End(ReservationRow reservation, string kind, string state)
    {
        ReturnHeld(reservation, kind);
        Reservations.Update(reservation with { State = state });
        ReservationsChanged();
    }

    /// <summary>Appends the entry that returns the held credits of a reservation without a charge.</summary>
    public void ReturnHeld(ReservationRow reservation, string kind) =>
        Append(new LedgerEntry(kind, HeldDelta: -reservation.Amount) { Reservation = reservation.Id, RefersTo = reservation.Entry });

    /// <summary>
    /// Updates the time at which the account's next reservation expires. Callers must call this method after they open a reservation.
    /// </summary>
    public void ReservationOpened(ReservationRow reservation)
    {
        if (_account.NextHoldExpiry is not null)
        {
            ReservationsChanged();
        }
        else if (reservation.State == ReservationRow.Held)
        {
            _account = _account with { NextHoldExpiry = reservation.ExpiresAt };
        }
    }

    /// <summary>
    /// Updates the time at which the account's next reservation expires. Callers must call this method after they change the expiry of a
    /// reservation or close it.
    /// </summary>
    public void ReservationsChanged() => _account = _account with { NextHoldExpiry = Reservations.NextExpiry() };

    /// <summary>
    /// Writes the user's row if it changed, and creates a result with the new balance. The ledger entries must be written before the row,
    /// because the database triggers treat a row that differs from the ledger as a change by another program.
    /// </summary>
    public CreditCommandResult ToResult(CreditCommandStatus status)
    {
        if (!_hasAccount)
        {
            return new CreditCommandResult(status);
        }

        if (_account != _stored)
        {
            _connection.Execute(
                """
                update user_credits
                set credits = $credits, held = $held, version = $version, next_hold_expiry = $expiry, updated_at = $now, last_entry = $last
                where user_id = $user
                """,
                ("$credits", _account.Credits),
                ("$held", _account.Held),
                ("$version", _account.Version),
                ("$expiry", _account.NextHoldExpiry),
                ("$now", Now.ToStore()),
                ("$last", _account.LastEntry),
                ("$user", _user.Value));
            _stored = _account;
        }

        return new CreditCommandResult(status, _account.ToBalance(Now, _incarnation));
    }

    /// <summary>Creates a result that includes the id and the attempt number of a reservation.</summary>
    public CreditCommandResult ToResult(CreditCommandStatus status, ReservationRow reservation) =>
        ToResult(status) with { ReservationId = reservation.Reservation, Attempt = reservation.Attempt };

    // The database accepts a row without a ledger entry only with last_entry 0. The first entry follows in the same transaction.
    private void InsertEmptyAccount()
    {
        _connection.Execute(
            "insert into user_credits (user_id, credits, created_at, updated_at, last_entry) values ($user, 0, $now, $now, 0)",
            ("$user", _user.Value),
            ("$now", Now.ToStore()));
        _stored = _account;
    }
}
