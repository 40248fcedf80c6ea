using Microsoft.AspNetCore.Http;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Converts the results of credit commands to problem details, and lists the problems of a paid endpoint for its OpenAPI description.
/// </summary>
internal static class PaidProblems
{
    public static Problem[] All { get; } =
    [
        Problems.IdempotencyKeyRequired,
        Problems.InvalidIdempotencyKey,
        Problems.Unauthenticated,
        Problems.InvalidToken,
        Problems.NoUserId,
        Problems.SignInUnavailable,
        Problems.Insufficient(0, 0),
        Problems.NoAccount,
        Problems.ReservationExpired,
        Problems.InProgress,
        Problems.AlreadyClosed,
        Problems.Superseded,
        Problems.BodyRejected(StatusCodes.Status413PayloadTooLarge),
        Problems.KeyConflict,
        Problems.BodyRejected(StatusCodes.Status400BadRequest),
        Problems.InvalidAntiforgeryToken,
        Problems.BodyConsumed,
        Problems.Busy,
        Problems.Stopping,
        Problems.OutcomeUnknown,
        Problems.WorkTimeExceeded,
    ];

    /// <summary>Gets the problems of an endpoint without a price, which needs neither credits nor an account.</summary>
    public static Problem[] WithoutPrice { get; } =
        [.. All.Where(static problem => problem.Status != StatusCodes.Status402PaymentRequired)];

    /// <summary>Gets the problems of an endpoint whose price function may reject a request.</summary>
    public static Problem[] WithMax { get; } =
        [.. All, Problems.RequestRejected(StatusCodes.Status400BadRequest, detail: null)];

    public static Problem Create(BadHttpRequestException rejection) => Problems.RequestRejected(
        rejection.StatusCode is >= 400 and <= 499 ? rejection.StatusCode : StatusCodes.Status400BadRequest, rejection.Message);

    public static Problem Create(CreditCommandResult result, PaidCost cost) => result.Status switch
    {
        CreditCommandStatus.InProgress => Problems.InProgress,
        CreditCommandStatus.Insufficient =>
            cost.AddTo(Problems.Insufficient(result.Required ?? cost.Amount, result.Balance?.Available)),
        CreditCommandStatus.KeyConflict => Problems.KeyConflict,
        CreditCommandStatus.NotInitialized => cost.AddTo(Problems.NoAccount),
        CreditCommandStatus.Expired => cost.AddTo(Problems.ReservationExpired),
        CreditCommandStatus.AlreadyClosed => Problems.AlreadyClosed,
        CreditCommandStatus.Superseded => Problems.Superseded,
        CreditCommandStatus.Busy => Problems.Busy,
        _ => Problems.OutcomeUnknown,
    };
}
