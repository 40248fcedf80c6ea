using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class CaptureHandler
{
    public static CreditCommandResult Apply(AccountTransaction book, CreditCommand.Capture command)
    {
        var hold = book.Holds.Find(command.Reservation);
        if (AttemptCheck.IsRefused(book, hold, command.Attempt, out var refusal))
        {
            return refusal;
        }

        return hold.State switch
        {
            Hold.Captured => book.Answer(CreditCommandStatus.Done, hold) with { Replayed = true, Response = book.Holds.Response(hold) },
            Hold.Held => Pay(book, hold, command.Response),

            // The work is done although its hold lapsed: it is paid if the balance suffices. Nothing is given back a second time.
            Hold.Lapsed when book.Available >= hold.Amount => Pay(book, hold, command.Response),
            Hold.Lapsed => book.Answer(CreditCommandStatus.Expired, hold) with { Required = hold.Amount },
            _ => book.Answer(CreditCommandStatus.AlreadyClosed, hold),
        };
    }

    private static CreditCommandResult Pay(AccountTransaction book, Hold hold, StoredResponse? response)
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
        return book.Answer(CreditCommandStatus.Done, hold) with { Response = response };
    }
}
