using SessionRecovery.Credits;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class ReserveHandler
{
    public static CreditCommandResult Apply(AccountTransaction account, CreditCommand.Reserve command)
    {
        var reservation = account.Reservations.Find(command.Key);
        if (reservation is null)
        {
            return account.HasEntry(command.Key)
                ? account.ToResult(CreditCommandStatus.KeyConflict)
                : Hold(account, command, before: null);
        }

        if (IsAnotherRequest(reservation, command))
        {
            return account.ToResult(CreditCommandStatus.KeyConflict);
        }

        return reservation.State switch
        {
            ReservationRow.Captured => account.ToResult(
                CreditCommandStatus.AlreadyCaptured,
                reservation) with
            {
                EntryId = account.FindCapture(reservation),
                Replayed = true,
                Response = account.Reservations.Response(reservation),
            },
            ReservationRow.Held or ReservationRow.Running => Meet(account, command, reservation),
            _ => Hold(account, command, reservation),
        };
    }

    // If the price of an endpoint has changed, a repeated request has another amount but the same fingerprint. The amounts are therefore
    // compared only if the command has no fingerprint.
    private static bool IsAnotherRequest(ReservationRow reservation, CreditCommand.Reserve command) =>
        !string.Equals(reservation.Fingerprint, command.Fingerprint, StringComparison.Ordinal)
        || (command.Fingerprint is null && reservation.Amount != command.Amount);

    // Handles a reserve command whose key already has an open reservation. If the lease owner is the same, the caller repeats a command
    // whose response was lost. If the lease owner differs, another request works on the reservation.
    private static CreditCommandResult Meet(AccountTransaction account, CreditCommand.Reserve command, ReservationRow reservation)
    {
        if (!string.Equals(reservation.LeaseOwner, LeaseOwner(command), StringComparison.Ordinal))
        {
            var remaining = TimeSpan.FromTicks(reservation.ExpiresAt - account.Now.ToStore());
            return account.ToResult(CreditCommandStatus.InProgress) with { RetryAfter = remaining };
        }

        return reservation.Amount == command.Amount
            ? account.ToResult(CreditCommandStatus.Done, reservation) with { Replayed = true }
            : account.ToResult(CreditCommandStatus.KeyConflict);
    }

    private static CreditCommandResult Hold(AccountTransaction account, CreditCommand.Reserve command, ReservationRow? before)
    {
        if (!account.Covers(command.Amount))
        {
            return account.ToResult(CreditCommandStatus.Insufficient) with { Required = command.Amount };
        }

        // Ids that contain their time are appended to the index of ids. Random ids would change another page of the index with each
        // reservation.
        var id = before?.Id ?? ReservationTable.Format(Guid.CreateVersion7(account.Now));
        var reservation = new ReservationRow(
            id,
            command.Key.Value,
            command.Fingerprint,
            (before?.Attempt ?? 0) + 1,
            LeaseOwner(command),
            command.Amount,
            ReservationRow.GetOpenState(command.Amount),
            (account.Now + command.Lifetime).ToStore(),
            account.AppendHold(id, command.Amount, command.Fingerprint) ?? before?.Entry);
        if (before is null)
        {
            account.Reservations.Insert(reservation);
        }
        else
        {
            account.Reservations.Update(reservation);
        }

        account.ReservationOpened(reservation);
        return account.ToResult(CreditCommandStatus.Done, reservation);
    }

    private static string? LeaseOwner(CreditCommand.Reserve command) =>
        command.LeaseOwner is { } leaseOwner ? ReservationTable.Format(leaseOwner) : null;
}
