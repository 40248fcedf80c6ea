using System.Diagnostics.CodeAnalysis;
using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Of two runners of one key only the one whose attempt is current may renew, pay or give back.</summary>
internal static class HoldTurn
{
    public static bool IsRefused(CreditBook book, [NotNullWhen(false)] Hold? hold, int attempt, [NotNullWhen(true)] out CreditOutcome? refusal)
    {
        if (hold is null || attempt > hold.Attempt)
        {
            refusal = book.Answer(CreditOutcomeStatus.AlreadyClosed);
            return true;
        }

        refusal = attempt < hold.Attempt ? book.Answer(CreditOutcomeStatus.Superseded) : null;
        return refusal is not null;
    }
}
