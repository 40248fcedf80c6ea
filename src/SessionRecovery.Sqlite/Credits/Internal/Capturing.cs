using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class Capturing
{
    public static CreditOutcome Apply(CreditBook book, CreditCommand.Capture command)
    {
        var hold = book.Holds.Find(command.Reservation);
        if (HoldTurn.IsRefused(book, hold, command.Attempt, out var refusal))
        {
            return refusal;
        }

        return hold.State switch
        {
            Hold.Captured => book.Answer(CreditOutcomeStatus.Done, hold) with { Replayed = true, Response = book.Holds.Response(hold) },
            Hold.Held => Pay(book, hold, command.Response),

            // The work is done although its hold lapsed: it is paid if the balance suffices. Nothing is given back a second time.
            Hold.Lapsed when book.Available >= hold.Amount => Pay(book, hold, command.Response),
            Hold.Lapsed => book.Answer(CreditOutcomeStatus.Expired, hold) with { Required = hold.Amount },
            _ => book.Answer(CreditOutcomeStatus.AlreadyClosed, hold),
        };
    }

    private static CreditOutcome Pay(CreditBook book, Hold hold, StoredResponse? response)
    {
        var entry = book.Append(new LedgerEntry(EntryKind.Capture, -hold.Amount, hold.State == Hold.Held ? -hold.Amount : 0)
        {
            Key = hold.Key,
            Fingerprint = hold.Fingerprint,
            Reservation = hold.Id,
            RefersTo = hold.Entry,
        });
        book.Holds.Capture(hold, response);
        book.HoldsChanged();
        book.Note(EntryKind.Capture, -hold.Amount, entry);
        return book.Answer(CreditOutcomeStatus.Done, hold) with { Response = response };
    }
}
