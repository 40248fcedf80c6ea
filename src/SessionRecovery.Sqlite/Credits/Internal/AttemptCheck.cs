using System.Diagnostics.CodeAnalysis;
using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Of two runners of one key only the one whose attempt is current may renew, pay or give back.</summary>
internal static class AttemptCheck
{
    public static bool IsRefused(AccountTransaction book, [NotNullWhen(false)] Hold? hold, int attempt, [NotNullWhen(true)] out CreditCommandResult? refusal)
    {
        if (hold is null || attempt > hold.Attempt)
        {
            refusal = book.Answer(CreditCommandStatus.AlreadyClosed);
            return true;
        }

        refusal = attempt < hold.Attempt ? book.Answer(CreditCommandStatus.Superseded) : null;
        return refusal is not null;
    }
}
