namespace SessionRecovery.AspNetCore.Credits;

/// <summary>Represents a running request to an endpoint with <c>RequireCredits</c> or <c>RequireIdempotency</c>.</summary>
/// <remarks>
/// <c>HttpContext.RequestAborted</c> of a paid request is canceled when the maximum work time
/// (<see cref="PaidRequestOptions.MaxWorkTime"/>) has passed, when the host cancels the request (for example after a request timeout), and
/// when the host stops. The token is also canceled when the client disconnects while the response is being sent. An earlier disconnect does
/// not cancel the token, because the response is then stored for a repeated request.
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
    /// Gets a token that is canceled when the client has disconnected. If the handler then throws an
    /// <see cref="OperationCanceledException"/> before a byte of the response was sent, the request is not charged. If bytes of a stream
    /// were already sent, the amount is captured.
    /// </summary>
    public CancellationToken ClientDisconnected { get; }
}
