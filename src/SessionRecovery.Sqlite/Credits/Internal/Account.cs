using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Represents one row of the table <c>user_credits</c>.</summary>
internal readonly record struct Account(long Credits, long Held, long Version, long? NextHoldExpiry, long? LastEntry)
{
    public long Available => Credits - Held;

    public static Account? Find(StoreConnection connection, UserId user)
    {
        using var row = connection.Query(
            "select credits, held, version, next_hold_expiry, nullif(last_entry, 0) from user_credits where user_id = $user",
            ("$user", user.Value));
        return row.Read()
            ? new Account(
                row.GetInt64(0),
                row.GetInt64(1),
                row.GetInt64(2),
                row.IsDBNull(3) ? null : row.GetInt64(3),
                row.IsDBNull(4) ? null : row.GetInt64(4))
            : null;
    }

    public bool HasDueReservation(DateTimeOffset now) => NextHoldExpiry <= now.ToStore();

    public CreditBalance ToBalance(DateTimeOffset asOf, string incarnation)
    {
        TimeSpan? expiresIn = NextHoldExpiry is { } expiry ? TimeSpan.FromTicks(Math.Max(0, expiry - asOf.ToStore())) : null;
        return new CreditBalance(Available, asOf, Held, Version, incarnation, expiresIn);
    }
}
