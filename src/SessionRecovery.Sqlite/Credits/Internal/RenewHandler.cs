using SessionRecovery.Credits;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Renews a reservation. A claim also makes the next attempt the current one.</summary>
internal static class RenewHandler
{
    public static CreditCommandResult Apply(AccountTransaction account, CreditCommand.Renew command)
    {
        var reservation = account.Reservations.Find(command.ReservationId);
        return AttemptCheck.IsRejected(account, reservation, command.Attempt, out var rejection)
            ? rejection
            : Renew(account, reservation, reservation, command.Lifetime);
    }

    // A claimed reservation has no lease owner. Like other reservations of host code, it therefore survives a restart.
    public static CreditCommandResult Apply(AccountTransaction account, CreditCommand.Claim command)
    {
        var reservation = account.Reservations.Find(command.ReservationId);
        return AttemptCheck.IsRejected(account, reservation, command.Attempt, out var rejection)
            ? rejection
            : Renew(account, reservation, reservation with { Attempt = reservation.Attempt + 1, LeaseOwner = null }, command.Lifetime);
    }

    private static CreditCommandResult Renew(
        AccountTransaction account, ReservationRow reservation, ReservationRow next, TimeSpan lifetime)
    {
        var renewed = next with
        {
            State = ReservationRow.GetOpenState(reservation.Amount),
            ExpiresAt = Math.Max(reservation.ExpiresAt, (account.Now + lifetime).ToStore()),
        };
        switch (reservation.State)
        {
            case ReservationRow.Held or ReservationRow.Running:
                break;
            case ReservationRow.Expired when !account.Covers(reservation.Amount):
                return account.ToResult(CreditCommandStatus.Expired, reservation) with { Required = reservation.Amount };
            case ReservationRow.Expired:
                renewed = renewed with
                {
                    Entry = account.AppendHold(reservation.Id, reservation.Amount, reservation.Fingerprint) ?? reservation.Entry,
                };
                break;
            default:
                return account.ToResult(CreditCommandStatus.AlreadyClosed, reservation);
        }

        account.Reservations.Update(renewed);
        account.ReservationsChanged();
        return account.ToResult(CreditCommandStatus.Done, renewed);
    }
}
