using SessionRecovery.Credits;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class Extending
{
    public static CreditOutcome Apply(CreditBook book, CreditCommand.Extend command)
    {
        var hold = book.Holds.Find(command.Reservation);
        if (HoldTurn.IsRefused(book, hold, command.Attempt, out var refusal))
        {
            return refusal;
        }

        var renewed = hold with { State = Hold.Held, ExpiresAt = (book.Now + command.TimeToLive).ToStore() };
        switch (hold.State)
        {
            case Hold.Held:
                break;
            case Hold.Lapsed when book.Available < hold.Amount:
                return book.Answer(CreditOutcomeStatus.Expired, hold) with { Required = hold.Amount };
            case Hold.Lapsed:
                renewed = renewed with { Entry = book.Append(new LedgerEntry(EntryKind.Hold, HeldDelta: hold.Amount) { Reservation = hold.Id, Fingerprint = hold.Fingerprint }) };
                break;
            default:
                return book.Answer(CreditOutcomeStatus.AlreadyClosed, hold);
        }

        book.Holds.Update(renewed);
        book.HoldsChanged();
        return book.Answer(CreditOutcomeStatus.Done, renewed);
    }
}
