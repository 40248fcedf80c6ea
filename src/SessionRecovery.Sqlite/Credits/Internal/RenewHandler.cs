using SessionRecovery.Credits;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class RenewHandler
{
    public static CreditCommandResult Apply(AccountTransaction book, CreditCommand.Renew command)
    {
        var hold = book.Holds.Find(command.Reservation);
        if (AttemptCheck.IsRefused(book, hold, command.Attempt, out var refusal))
        {
            return refusal;
        }

        var renewed = hold with { State = Hold.Held, ExpiresAt = (book.Now + command.Lifetime).ToStore() };
        switch (hold.State)
        {
            case Hold.Held:
                break;
            case Hold.Lapsed when book.Available < hold.Amount:
                return book.Answer(CreditCommandStatus.Expired, hold) with { Required = hold.Amount };
            case Hold.Lapsed:
                renewed = renewed with { Entry = book.Append(new LedgerEntry(EntryKind.Hold, HeldDelta: hold.Amount) { Reservation = hold.Id, Fingerprint = hold.Fingerprint }) };
                break;
            default:
                return book.Answer(CreditCommandStatus.AlreadyClosed, hold);
        }

        book.Holds.Update(renewed);
        book.HoldsChanged();
        return book.Answer(CreditCommandStatus.Done, renewed);
    }
}
