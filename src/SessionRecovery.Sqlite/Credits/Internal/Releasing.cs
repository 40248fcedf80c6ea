using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class Releasing
{
    public static CreditOutcome Apply(CreditBook book, CreditCommand.Release command)
    {
        var hold = book.Holds.Find(command.Reservation);
        if (HoldTurn.IsRefused(book, hold, command.Attempt, out var refusal))
        {
            return refusal;
        }

        switch (hold.State)
        {
            case Hold.Captured:
                return book.Answer(CreditOutcomeStatus.AlreadyClosed, hold);
            case Hold.Held:
                book.End(hold, EntryKind.Release, Hold.Released);
                return book.Answer(CreditOutcomeStatus.Done, hold);
            case Hold.Lapsed:
                // The credits are back already; what ends now is the right to a late capture.
                book.Holds.Update(hold with { State = Hold.Released });
                break;
        }

        return book.Answer(CreditOutcomeStatus.Done, hold) with { Replayed = true };
    }
}
