using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Captures a whole reservation, or settles a part of the amount and returns the remaining credits in the same change.</summary>
internal static class CaptureHandler
{
    public static CreditCommandResult Apply(AccountTransaction account, CreditCommand.Capture command) =>
        Apply(account, command.ReservationId, command.Attempt, settled: null, command.Response);

    public static CreditCommandResult Apply(AccountTransaction account, CreditCommand.Settle command) =>
        Apply(account, command.ReservationId, command.Attempt, command.Amount, command.Response);

    private static CreditCommandResult Apply(
        AccountTransaction account, Guid reservationId, int attempt, long? settled, StoredResponse? response)
    {
        var reservation = account.Reservations.Find(reservationId);
        if (AttemptCheck.IsRejected(account, reservation, attempt, out var rejection))
        {
            return rejection;
        }

        var amount = settled ?? reservation.Amount;
        return reservation.State switch
        {
            ReservationRow.Captured when settled is not null && settled != reservation.Charged =>
                account.ToResult(CreditCommandStatus.KeyConflict, reservation),
            ReservationRow.Captured => account.ToResult(CreditCommandStatus.Done, reservation) with
            {
                EntryId = account.FindCapture(reservation),
                Replayed = true,
                Response = account.Reservations.Response(reservation),
            },
            ReservationRow.Released => account.ToResult(CreditCommandStatus.AlreadyClosed, reservation),
            _ when amount > reservation.Amount => account.ToResult(CreditCommandStatus.ExceedsReservation, reservation),

            // The reservation expired before the request completed. The completed request is still charged if the balance suffices.
            ReservationRow.Expired when !account.Covers(amount) =>
                account.ToResult(CreditCommandStatus.Expired, reservation) with { Required = amount },
            _ => Pay(account, reservation, amount, response),
        };
    }

    private static CreditCommandResult Pay(AccountTransaction account, ReservationRow reservation, long amount, StoredResponse? response)
    {
        long? entry = null;
        if (amount > 0)
        {
            entry = Charge(account, reservation, amount);
        }
        else if (reservation.State == ReservationRow.Held)
        {
            account.ReturnHeld(reservation, EntryKind.Release);
        }

        account.Reservations.Capture(reservation, amount, response);
        if (reservation.Amount > 0)
        {
            account.ReservationsChanged();
        }

        return account.ToResult(CreditCommandStatus.Done, reservation) with { EntryId = entry, Response = response };
    }

    // The ledger entry reduces the held credits by the whole reserved amount, so the part that is not charged becomes available in the same
    // change.
    private static long Charge(AccountTransaction account, ReservationRow reservation, long amount)
    {
        var heldDelta = reservation.State == ReservationRow.Held ? -reservation.Amount : 0;
        return account.Append(new LedgerEntry(EntryKind.Capture, -amount, heldDelta)
        {
            Key = reservation.Key,
            Fingerprint = reservation.Fingerprint,
            Reservation = reservation.Id,
            RefersTo = reservation.Entry,
        });
    }
}
