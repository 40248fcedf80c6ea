using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// One user's account within one transaction. Opening it expires the reservations that are due, so that every command decides on the
/// current balance. Each <see cref="Append"/> is one version and one ledger entry. <see cref="ToResult(CreditCommandStatus)"/> writes the
/// user's row once.
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
    /// Opens the user's account after its due reservations have expired. Returns <see langword="null"/> for a user without an account.
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

    /// <summary>Creates an account for the user. The caller appends the first entry of the account.</summary>
    public static AccountTransaction Begin(StoreConnection connection, UserId user, DateTimeOffset now, string incarnation) =>
        new(connection, user, stored: null, hasAccount: true, now, incarnation);

    /// <summary>Opens the reservations of a user without an account, who can have only reservations without a price.</summary>
    public static AccountTransaction OpenWithoutAccount(StoreConnection connection, UserId user, DateTimeOffset now) =>
        new(connection, user, stored: null, hasAccount: false, now, incarnation: string.Empty);

    /// <summary>Returns whether the available credits suffice for an amount. The amount 0 needs no credits.</summary>
    public bool Covers(long amount) => amount == 0 || _account.Available >= amount;

    /// <summary>Returns the earlier use of a key and its amount: a ledger entry with the key, or a reservation.</summary>
    public (string Kind, long Amount)? FindUse(IdempotencyKey key)
    {
        using var row = _connection.Query(
            """
            select kind, amount from credit_ledger where user_id = $user and idempotency_key = $key
            union all
            select 'hold', 0 from credit_reservations where user_id = $user and idempotency_key = $key
            limit 1
            """,
            ("$user", _user.Value),
            ("$key", key.Value));
        return row.Read() ? (row.GetString(0), row.GetInt64(1)) : null;
    }

    /// <summary>Appends a ledger entry, which is the next version of the account.</summary>
    /// <returns>The id of the ledger entry.</returns>
    public long Append(in LedgerEntry entry)
    {
        _account = _account with
        {
            Credits = _account.Credits + entry.Amount,
            Held = _account.Held + entry.HeldDelta,
            Version = _account.Version + 1,
        };
        _connection.Execute(
            """
            insert into credit_ledger (
                user_id, version, kind, amount, held_delta, balance_after, idempotency_key, fingerprint, reservation_id, refers_to, reason,
                created_at)
            values ($user, $version, $kind, $amount, $held, $balance, $key, $fingerprint, $reservation, $refers, $reason, $now)
            """,
            ("$user", _user.Value),
            ("$version", _account.Version),
            ("$kind", entry.Kind),
            ("$amount", entry.Amount),
            ("$held", entry.HeldDelta),
            ("$balance", _account.Credits),
            ("$key", entry.Key),
            ("$fingerprint", entry.Fingerprint),
            ("$reservation", entry.Reservation),
            ("$refers", entry.RefersTo),
            ("$reason", entry.Reason),
            ("$now", Now.ToStore()));
        return _connection.LastRowId();
    }

    /// <summary>Holds the amount of a reservation.</summary>
    /// <returns>The id of the ledger entry; <see langword="null"/> for the amount 0, which changes nothing in the ledger.</returns>
    public long? AppendHold(string reservation, long amount, string? fingerprint) => amount == 0
        ? null
        : Append(new LedgerEntry(EntryKind.Hold, HeldDelta: amount) { Reservation = reservation, Fingerprint = fingerprint });

    /// <summary>Closes a reservation without a charge.</summary>
    public void End(ReservationRow reservation, string kind, string state)
    {
        Append(new LedgerEntry(kind, HeldDelta: -reservation.Amount) { Reservation = reservation.Id, RefersTo = reservation.Entry });
        Reservations.Update(reservation with { State = state });
        ReservationsChanged();
    }

    /// <summary>Updates the next expiry. Must be called after the state or the expiry of a reservation changed.</summary>
    public void ReservationsChanged() => _account = _account with { NextHoldExpiry = Reservations.NextExpiry() };

    /// <summary>Adds a row to the application's activity log: the user's action, and the credits that it added or cost.</summary>
    public void LogUsage(string action, long credits, long entry) =>
        _connection.Execute(
            "insert into usage_logs (user_id, action, credits, ledger_id, created_at) values ($user, $action, $credits, $entry, $now)",
            ("$user", _user.Value),
            ("$action", action),
            ("$credits", credits),
            ("$entry", entry),
            ("$now", Now.ToStore()));

    /// <summary>
    /// Writes the user's row if it changed, and creates a result with the balance. The row is written after its ledger entries: the
    /// triggers of the table record a row that differs from them as a change by another program.
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
                _stored is null
                    ? """
                    insert into user_credits (user_id, credits, held, version, next_hold_expiry, created_at, updated_at)
                    values ($user, $credits, $held, $version, $expiry, $now, $now)
                    """
                    : """
                    update user_credits
                    set credits = $credits, held = $held, version = $version, next_hold_expiry = $expiry, updated_at = $now
                    where user_id = $user
                    """,
                ("$credits", _account.Credits),
                ("$held", _account.Held),
                ("$version", _account.Version),
                ("$expiry", _account.NextHoldExpiry),
                ("$now", Now.ToStore()),
                ("$user", _user.Value));
            _stored = _account;
        }

        return new CreditCommandResult(status, _account.ToBalance(Now, _incarnation));
    }

    /// <summary>Creates a result that also has the id and the attempt of a reservation.</summary>
    public CreditCommandResult ToResult(CreditCommandStatus status, ReservationRow reservation) =>
        ToResult(status) with { ReservationId = reservation.Reservation, Attempt = reservation.Attempt };
}
