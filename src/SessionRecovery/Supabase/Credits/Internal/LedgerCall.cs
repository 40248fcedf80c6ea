using System.Text.Json.Serialization.Metadata;
using SessionRecovery.Credits;
using SessionRecovery.Supabase.Internal;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>A command as a call of one function: its name, its arguments, and how its answer reads.</summary>
internal sealed class LedgerCall
{
    private readonly Func<LedgerFunctions, CancellationToken, Task<LedgerAnswer>> _send;

    private LedgerCall(string function, Func<LedgerFunctions, CancellationToken, Task<LedgerAnswer>> send)
    {
        Function = function;
        _send = send;
    }

    public string Function { get; }

    public static LedgerCall Of(CreditCommand command, Guid user) => command switch
    {
        CreditCommand.Initialise => Call("initialize_user_credits", new UserArguments(user), SupabaseJson.Default.UserArguments),
        CreditCommand.Consume consume => Call(
            "consume_credits",
            new ConsumeArguments(user, consume.Amount, consume.Key.Value, consume.Reason),
            SupabaseJson.Default.ConsumeArguments),
        CreditCommand.Reserve reserve => Call(
            "reserve_credits",
            new ReserveArguments(user, reserve.Amount, reserve.Key.Value, reserve.Fingerprint, reserve.TimeToLive.TotalSeconds, reserve.Runner),
            SupabaseJson.Default.ReserveArguments),
        CreditCommand.Extend extend => Call(
            "extend_reservation",
            new ExtendArguments(user, extend.Reservation, extend.Attempt, extend.TimeToLive.TotalSeconds),
            SupabaseJson.Default.ExtendArguments),
        CreditCommand.Capture capture => Call(
            "capture_reservation",
            new CaptureArguments(user, capture.Reservation, capture.Attempt, LedgerResponse.Of(capture.Response)),
            SupabaseJson.Default.CaptureArguments),
        CreditCommand.Release release => Call(
            "release_reservation",
            new ReleaseArguments(user, release.Reservation, release.Attempt),
            SupabaseJson.Default.ReleaseArguments),
        _ => throw new NotSupportedException($"This release of the Supabase ledger does not know the command {command.GetType().Name}."),
    };

    public Task<LedgerAnswer> SendAsync(LedgerFunctions ledger, CancellationToken cancellationToken) => _send(ledger, cancellationToken);

    public CreditOutcome Read(LedgerAnswer answer)
    {
        // A reserve that meets a paid key did not pay now; everything else that is captured, was so by this command.
        var captured = Function == "reserve_credits" ? CreditOutcomeStatus.AlreadyCaptured : CreditOutcomeStatus.Done;
        return new CreditOutcome(StatusOf(answer.Outcome, captured), answer.Balance())
        {
            Created = answer.Created,
            Replayed = answer.Replayed || answer is { Outcome: "captured" } && captured == CreditOutcomeStatus.AlreadyCaptured,
            Reservation = answer.ReservationId,
            Attempt = answer.Attempt,
            Required = answer.Required,
            RetryAfter = LedgerAnswer.Seconds(answer.RetryAfter),
            Response = answer.Response?.ToStored(),
        };
    }

    private static CreditOutcomeStatus StatusOf(string? outcome, CreditOutcomeStatus captured) => outcome switch
    {
        "ok" or "held" or "released" => CreditOutcomeStatus.Done,
        "captured" => captured,
        "in_progress" => CreditOutcomeStatus.InProgress,
        "insufficient" => CreditOutcomeStatus.Insufficient,
        "key_conflict" => CreditOutcomeStatus.KeyConflict,
        "not_initialized" => CreditOutcomeStatus.NotInitialised,
        "expired" => CreditOutcomeStatus.Expired,
        "already_closed" => CreditOutcomeStatus.AlreadyClosed,
        "superseded" => CreditOutcomeStatus.Superseded,
        _ => throw SupabaseException.Unreadable(),
    };

    private static LedgerCall Call<T>(string function, T arguments, JsonTypeInfo<T> type) =>
        new(function, (ledger, cancellationToken) => ledger.CallAsync(function, arguments, type, SupabaseCredential.Server, cancellationToken));
}
