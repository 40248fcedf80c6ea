using SessionRecovery.Credits;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class ReserveHandler
{
    public static CreditCommandResult Apply(AccountTransaction book, CreditCommand.Reserve command)
    {
        var hold = book.Holds.Find(command.Key);
        if (hold is null)
        {
            return book.FindUse(command.Key) is null
                ? Hold(book, command, before: null)
                : book.Answer(CreditCommandStatus.KeyConflict);
        }

        if (hold.Amount != command.Amount || !string.Equals(hold.Fingerprint, command.Fingerprint, StringComparison.Ordinal))
        {
            return book.Answer(CreditCommandStatus.KeyConflict);
        }

        return hold.State switch
        {
            Internal.Hold.Captured => book.Answer(CreditCommandStatus.AlreadyCaptured, hold) with { Replayed = true, Response = book.Holds.Response(hold) },
            Internal.Hold.Held => Meet(book, command, hold),
            _ => Hold(book, command, hold),
        };
    }

    // Someone holds this key now: the caller itself, whose first answer was lost, or another leaseOwner.
    private static CreditCommandResult Meet(AccountTransaction book, CreditCommand.Reserve command, Hold hold) =>
        string.Equals(hold.LeaseOwner, LeaseOwner(command), StringComparison.Ordinal)
            ? book.Answer(CreditCommandStatus.Done, hold) with { Replayed = true }
            : book.Answer(CreditCommandStatus.InProgress) with { RetryAfter = TimeSpan.FromTicks(hold.ExpiresAt - book.Now.ToStore()) };

    private static CreditCommandResult Hold(AccountTransaction book, CreditCommand.Reserve command, Hold? before)
    {
        if (book.Available < command.Amount)
        {
            return book.Answer(CreditCommandStatus.Insufficient) with { Required = command.Amount };
        }

        var id = before?.Id ?? ReservationTable.Spell(Guid.NewGuid());
        var hold = new Hold(
            id,
            command.Key.Value,
            command.Fingerprint,
            (before?.Attempt ?? 0) + 1,
            LeaseOwner(command),
            command.Amount,
            Internal.Hold.Held,
            (book.Now + command.Lifetime).ToStore(),
            book.Append(new LedgerEntry(EntryKind.Hold, HeldDelta: command.Amount) { Reservation = id, Fingerprint = command.Fingerprint }));
        if (before is null)
        {
            book.Holds.Insert(hold);
        }
        else
        {
            book.Holds.Update(hold);
        }

        book.HoldsChanged();
        return book.Answer(CreditCommandStatus.Done, hold);
    }

    private static string? LeaseOwner(CreditCommand.Reserve command) => command.LeaseOwner is { } leaseOwner ? ReservationTable.Spell(leaseOwner) : null;
}
