using System.Diagnostics.CodeAnalysis;
using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Rejects a command if its attempt number is not the latest attempt of the reservation.</summary>
internal static class AttemptCheck
{
    public static bool IsRejected(
        AccountTransaction account,
        [NotNullWhen(false)] ReservationRow? reservation,
        int attempt,
        [NotNullWhen(true)] out CreditCommandResult? rejection)
    {
        if (reservation is null || attempt > reservation.Attempt)
        {
            rejection = account.ToResult(CreditCommandStatus.AlreadyClosed);
            return true;
        }

        rejection = attempt < reservation.Attempt ? account.ToResult(CreditCommandStatus.Superseded) : null;
        return rejection is not null;
    }
}
