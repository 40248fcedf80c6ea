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

        var renewed = reservation with
        {
            State = ReservationRow.GetOpenState(reservation.Amount),
            ExpiresAt = (account.Now + command.Lifetime).ToStore(),
        };
        switch (reservation.State)
        {
            case ReservationRow.Held or ReservationRow.Running:
                break;
            case ReservationRow.Expired when !account.Covers(reservation.Amount):
                return account.ToResult(CreditCommandStatus.Expired, reservation) with { Required = reservation.Amount };
            case ReservationRow.Expired:
                renewed = renewed with { Entry = account.AppendHold(reservation.Id, reservation.Amount, reservation.Fingerprint) };
                break;
            default:
                return account.ToResult(CreditCommandStatus.AlreadyClosed, reservation);
        }

        account.Reservations.Update(renewed);
        account.ReservationsChanged();
        return account.ToResult(CreditCommandStatus.Done, renewed);
    }
}
