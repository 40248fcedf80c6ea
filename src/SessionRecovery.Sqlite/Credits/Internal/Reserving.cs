using SessionRecovery.Credits;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class Reserving
{
    public static CreditOutcome Apply(CreditBook book, CreditCommand.Reserve command)
    {
        var hold = book.Holds.Find(command.Key);
        if (hold is null)
        {
            return book.FindUse(command.Key) is null
                ? Hold(book, command, before: null)
                : book.Answer(CreditOutcomeStatus.KeyConflict);
        }

        if (hold.Amount != command.Amount || !string.Equals(hold.Fingerprint, command.Fingerprint, StringComparison.Ordinal))
        {
            return book.Answer(CreditOutcomeStatus.KeyConflict);
        }

        return hold.State switch
        {
            Internal.Hold.Captured => book.Answer(CreditOutcomeStatus.AlreadyCaptured, hold) with { Replayed = true, Response = book.Holds.Response(hold) },
            Internal.Hold.Held => Meet(book, command, hold),
            _ => Hold(book, command, hold),
        };
    }

    // Someone holds this key now: the caller itself, whose first answer was lost, or another runner.
    private static CreditOutcome Meet(CreditBook book, CreditCommand.Reserve command, Hold hold) =>
        string.Equals(hold.Runner, Runner(command), StringComparison.Ordinal)
            ? book.Answer(CreditOutcomeStatus.Done, hold) with { Replayed = true }
            : book.Answer(CreditOutcomeStatus.InProgress) with { RetryAfter = TimeSpan.FromTicks(hold.ExpiresAt - book.Now.ToStore()) };

    private static CreditOutcome Hold(CreditBook book, CreditCommand.Reserve command, Hold? before)
    {
        if (book.Available < command.Amount)
        {
            return book.Answer(CreditOutcomeStatus.Insufficient) with { Required = command.Amount };
        }

        var id = before?.Id ?? HoldTable.Spell(Guid.NewGuid());
        var hold = new Hold(
            id,
            command.Key.Value,
            command.Fingerprint,
            (before?.Attempt ?? 0) + 1,
            Runner(command),
            command.Amount,
            Internal.Hold.Held,
            (book.Now + command.TimeToLive).ToStore(),
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
        return book.Answer(CreditOutcomeStatus.Done, hold);
    }

    private static string? Runner(CreditCommand.Reserve command) => command.Runner is { } runner ? HoldTable.Spell(runner) : null;
}
