using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class CaptureHandler
{
    public static CreditCommandResult Apply(AccountTransaction account, CreditCommand.Capture command)
    {
        var reservation = account.Reservations.Find(command.ReservationId);
        if (AttemptCheck.IsRejected(account, reservation, command.Attempt, out var rejection))
        {
            return rejection;
        }

        return reservation.State switch
        {
            ReservationRow.Captured => account.ToResult(CreditCommandStatus.Done, reservation) with
            {
                EntryId = account.FindCapture(reservation),
                Replayed = true,
                Response = account.Reservations.Response(reservation),
            },
            ReservationRow.Held or ReservationRow.Running => Pay(account, reservation, command.Response),

            // The reservation expired before the request completed. The completed request is still charged if the balance suffices.
            ReservationRow.Expired when account.Covers(reservation.Amount) => Pay(account, reservation, command.Response),
            ReservationRow.Expired => account.ToResult(CreditCommandStatus.Expired, reservation) with { Required = reservation.Amount },
            _ => account.ToResult(CreditCommandStatus.AlreadyClosed, reservation),
        };
    }

    private static CreditCommandResult Pay(AccountTransaction account, ReservationRow reservation, StoredResponse? response)
    {
        account.Reservations.Capture(reservation, response);
        long? entry = reservation.Amount > 0 ? Charge(account, reservation) : null;
        return account.ToResult(CreditCommandStatus.Done, reservation) with { EntryId = entry, Response = response };
    }

    private static long Charge(AccountTransaction account, ReservationRow reservation)
    {
        var heldDelta = reservation.State == ReservationRow.Held ? -reservation.Amount : 0;
        var entry = account.Append(new LedgerEntry(EntryKind.Capture, -reservation.Amount, heldDelta)
        {
            Key = reservation.Key,
            Fingerprint = reservation.Fingerprint,
            Reservation = reservation.Id,
            RefersTo = reservation.Entry,
        });
        account.ReservationsChanged();
        account.LogUsage(EntryKind.Capture, -reservation.Amount, entry);
        return entry;
    }
}
