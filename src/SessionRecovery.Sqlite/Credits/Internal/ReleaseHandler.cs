using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class ReleaseHandler
{
    public static CreditCommandResult Apply(AccountTransaction book, CreditCommand.Release command)
    {
        var hold = book.Holds.Find(command.Reservation);
        if (AttemptCheck.IsRefused(book, hold, command.Attempt, out var refusal))
        {
            return refusal;
        }

        switch (hold.State)
        {
            case Hold.Captured:
                return book.Answer(CreditCommandStatus.AlreadyClosed, hold);
            case Hold.Held:
                book.End(hold, EntryKind.Release, Hold.Released);
                return book.Answer(CreditCommandStatus.Done, hold);
            case Hold.Lapsed:
                // The credits are back already; what ends now is the right to a late capture.
                book.Holds.Update(hold with { State = Hold.Released });
                break;
        }

        return book.Answer(CreditCommandStatus.Done, hold) with { Replayed = true };
    }
}
