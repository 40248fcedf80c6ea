namespace SessionRecovery.AspNetCore.Credits;

/// <summary>The request to an endpoint with <c>RequireCredits</c> or <c>RequireIdempotency</c> whose handler is running.</summary>
/// <remarks>
/// <c>HttpContext.RequestAborted</c> of a paid request is canceled when its work must end: after
/// <see cref="PaidRequestOptions.MaxWorkTime"/>, when the host cancels the request (for example by a request timeout) or stops, and when
/// the client disconnects while the response is being sent. It is not canceled when the client disconnects earlier, because the response is
/// then stored and a repeat receives it.
/// </remarks>
public sealed class PaidRequest
{
    internal PaidRequest(long amount, CancellationToken clientDisconnected)
    {
        Amount = amount;
        ClientDisconnected = clientDisconnected;
    }

    /// <summary>Gets the reserved amount in whole credits; 0 for an endpoint without a price.</summary>
    public long Amount { get; }

    /// <summary>
    /// Gets a token that is canceled when the client has disconnected. If the handler then throws an <see
    /// cref="OperationCanceledException"/>, the request is not charged unless bytes of its response were sent. Once bytes of a stream were
    /// sent, the amount is captured.
    /// </summary>
    public CancellationToken ClientDisconnected { get; }
}
