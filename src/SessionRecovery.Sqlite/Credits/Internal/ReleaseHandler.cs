using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class ReleaseHandler
{
    public static CreditCommandResult Apply(AccountTransaction account, CreditCommand.Release command)
    {
        var reservation = account.Reservations.Find(command.ReservationId);
        if (AttemptCheck.IsRejected(account, reservation, command.Attempt, out var rejection))
        {
            return rejection;
        }

        switch (reservation.State)
        {
            case ReservationRow.Captured:
                return account.ToResult(CreditCommandStatus.AlreadyClosed, reservation);
            case ReservationRow.Held:
                account.End(reservation, EntryKind.Release, ReservationRow.Released);
                return account.ToResult(CreditCommandStatus.Done, reservation);
            case ReservationRow.Running:
                account.Reservations.Update(reservation with { State = ReservationRow.Released });
                return account.ToResult(CreditCommandStatus.Done, reservation);
            case ReservationRow.Expired:
                // An expired reservation holds no credits, so the release changes no balance. After the release, a late capture of the
                // reservation is rejected.
                account.Reservations.Update(reservation with { State = ReservationRow.Released });
                break;
        }

        return account.ToResult(CreditCommandStatus.Done, reservation) with { Replayed = true };
    }
}
