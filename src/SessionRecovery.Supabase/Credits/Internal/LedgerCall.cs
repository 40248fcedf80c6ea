using System.Text.Json.Serialization.Metadata;
using SessionRecovery.Credits;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>
/// Converts a credit command to the call of a database function. The call contains the name and the arguments of the function, and converts
/// the response of the function to a result.
/// </summary>
internal sealed class LedgerCall
{
    private readonly Func<LedgerFunctions, CancellationToken, Task<LedgerResponse>> _send;

    private LedgerCall(string function, Func<LedgerFunctions, CancellationToken, Task<LedgerResponse>> send)
    {
        Function = function;
        _send = send;
    }

    public string Function { get; }

    /// <summary>Creates the call of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="user">The user's id.</param>
    /// <param name="deadline">The deadline of the command on the clock of the database.</param>
    public static LedgerCall Create(CreditCommand command, Guid user, DateTimeOffset? deadline) => command switch
    {
        CreditCommand.Initialize => Call(
            "initialize_user_credits",
            new InitializeArguments(user, deadline),
            LedgerJson.Default.InitializeArguments),
        CreditCommand.Consume consume => Call(
            "consume_credits",
            new ConsumeArguments(user, consume.Amount, consume.Key.Value, consume.Reason, deadline),
            LedgerJson.Default.ConsumeArguments),
        CreditCommand.Grant grant => Call(
            "grant_credits",
            new GrantArguments(user, grant.Amount, grant.Key.Value, grant.Reason, deadline),
            LedgerJson.Default.GrantArguments),
        CreditCommand.Refund refund => Call(
            "refund_credits",
            new RefundArguments(user, refund.EntryId, refund.Amount, refund.Key.Value, refund.Reason, deadline),
            LedgerJson.Default.RefundArguments),
        CreditCommand.Adjust adjust => Call(
            "adjust_credits",
            new AdjustArguments(user, adjust.Amount, adjust.Key.Value, adjust.Actor, adjust.Reason, deadline),
            LedgerJson.Default.AdjustArguments),
        CreditCommand.Reserve reserve => Call(
            "reserve_credits",
            new ReserveArguments(
                user,
                reserve.Amount,
                reserve.Key.Value,
                reserve.Fingerprint,
                reserve.Lifetime.TotalSeconds,
                reserve.LeaseOwner,
                deadline),
            LedgerJson.Default.ReserveArguments),
        CreditCommand.Renew renew => Call(
            "extend_reservation",
            new RenewArguments(user, renew.ReservationId, renew.Attempt, renew.Lifetime.TotalSeconds, PClaim: false, deadline),
            LedgerJson.Default.RenewArguments),
        CreditCommand.Claim claim => Call(
            "extend_reservation",
            new RenewArguments(user, claim.ReservationId, claim.Attempt, claim.Lifetime.TotalSeconds, PClaim: true, deadline),
            LedgerJson.Default.RenewArguments),
        CreditCommand.Capture capture => Call(
            "capture_reservation",
            new CaptureArguments(
                user,
                capture.ReservationId,
                capture.Attempt,
                PAmount: null,
                LedgerStoredResponse.Create(capture.Response),
                deadline),
            LedgerJson.Default.CaptureArguments),
        CreditCommand.Settle settle => Call(
            "capture_reservation",
            new CaptureArguments(
                user,
                settle.ReservationId,
                settle.Attempt,
                settle.Amount,
                LedgerStoredResponse.Create(settle.Response),
                deadline),
            LedgerJson.Default.CaptureArguments),
        CreditCommand.Release release => Call(
            "release_reservation",
            new ReleaseArguments(user, release.ReservationId, release.Attempt, deadline),
            LedgerJson.Default.ReleaseArguments),
        _ => throw new NotSupportedException($"This version of the Supabase ledger does not support the command {command.GetType().Name}."),
    };

    public Task<LedgerResponse> SendAsync(LedgerFunctions ledger, CancellationToken cancellationToken) => _send(ledger, cancellationToken);

    public CreditCommandResult ToResult(LedgerResponse response)
    {
        // In the response to a reserve command, the outcome `captured` means that an earlier request has captured the reservation. In the
        // response to a capture command, it means that the capture succeeded.
        var captured = Function == "reserve_credits" ? CreditCommandStatus.AlreadyCaptured : CreditCommandStatus.Done;
        return new CreditCommandResult(ToStatus(response.Outcome, captured), response.Balance())
        {
            Created = response.Created,
            Replayed = response.Replayed || response is { Outcome: "captured" } && captured == CreditCommandStatus.AlreadyCaptured,
            EntryId = response.LedgerId,
            Refundable = response.Refundable,
            ReservationId = response.ReservationId,
            Attempt = response.Attempt,
            Required = response.Required,
            RetryAfter = LedgerResponse.Seconds(response.RetryAfter),
            Response = response.Response?.ToStored(),
        };
    }

    private static CreditCommandStatus ToStatus(string? outcome, CreditCommandStatus captured) => outcome switch
    {
        "ok" or "held" or "released" => CreditCommandStatus.Done,
        "captured" => captured,
        "in_progress" => CreditCommandStatus.InProgress,
        "insufficient" => CreditCommandStatus.Insufficient,
        "key_conflict" => CreditCommandStatus.KeyConflict,
        "not_initialized" => CreditCommandStatus.NotInitialized,
        "expired" => CreditCommandStatus.Expired,
        "already_closed" => CreditCommandStatus.AlreadyClosed,
        "superseded" => CreditCommandStatus.Superseded,
        "no_such_entry" => CreditCommandStatus.EntryNotFound,
        "exceeds_entry" => CreditCommandStatus.ExceedsEntry,
        "exceeds_hold" => CreditCommandStatus.ExceedsReservation,
        "exceeds_limit" => CreditCommandStatus.ExceedsLimit,
        LedgerResponse.DeadlinePassed => CreditCommandStatus.Busy,
        _ => throw SupabaseException.Unreadable(),
    };

    private static LedgerCall Call<T>(string function, T arguments, JsonTypeInfo<T> type) =>
        new(
            function,
            (ledger, cancellationToken) => ledger.CallAsync(function, arguments, type, SupabaseCredential.Server, cancellationToken));
}
