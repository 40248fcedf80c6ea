using System.Diagnostics.CodeAnalysis;
using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Of two runners of one key only the one whose attempt is current may renew, pay or give back.</summary>
internal static class AttemptCheck
{
    public static bool IsRejected(
        AccountTransaction account,
        [NotNullWhen(false)] ReservationRow? reservation,
        int attempt,
        [NotNullWhen(true)] out CreditCommandResult? refusal)
    {
        if (reservation is null || attempt > reservation.Attempt)
        {
            refusal = account.ToResult(CreditCommandStatus.AlreadyClosed);
            return true;
        }

        refusal = attempt < reservation.Attempt ? account.ToResult(CreditCommandStatus.Superseded) : null;
        return refusal is not null;
    }
}
