using SessionRecovery.Credits;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class RenewHandler
{
    public static CreditCommandResult Apply(AccountTransaction account, CreditCommand.Renew command)
    {
        var reservation = account.Reservations.Find(command.ReservationId);
        if (AttemptCheck.IsRejected(account, reservation, command.Attempt, out var rejection))
        {
            return rejection;
        }

        var renewed = reservation with { State = ReservationRow.Held, ExpiresAt = (account.Now + command.Lifetime).ToStore() };
        switch (reservation.State)
        {
            case ReservationRow.Held:
                break;
            case ReservationRow.Expired when account.Available < reservation.Amount:
                return account.ToResult(CreditCommandStatus.Expired, reservation) with { Required = reservation.Amount };
            case ReservationRow.Expired:
                renewed = renewed with { Entry = account.Append(new LedgerEntry(
                    EntryKind.Hold,
                    HeldDelta: reservation.Amount) { Reservation = reservation.Id, Fingerprint = reservation.Fingerprint }) };
                break;
            default:
                return account.ToResult(CreditCommandStatus.AlreadyClosed, reservation);
        }

        account.Reservations.Update(renewed);
        account.ReservationsChanged();
        return account.ToResult(CreditCommandStatus.Done, renewed);
    }
}
