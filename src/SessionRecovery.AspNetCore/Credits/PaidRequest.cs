namespace SessionRecovery.AspNetCore.Credits;

/// <summary>The paid request whose handler is running.</summary>
/// <remarks>
/// <c>HttpContext.RequestAborted</c> of a paid request is canceled when its work must end: after
/// <see cref="PaidRequestOptions.MaxWorkTime"/>, when the host cancels the request (for example by a request timeout) or stops, and when
/// the client has left and the response was already being sent. It is not canceled when the client leaves before that, because the
/// response is stored and a repeat receives it.
/// </remarks>
public sealed class PaidRequest
{
    internal PaidRequest(long amount, CancellationToken clientDisconnected)
    {
        Amount = amount;
        ClientDisconnected = clientDisconnected;
    }

    /// <summary>Gets the reserved amount in whole credits.</summary>
    public long Amount { get; }

    /// <summary>
    /// Gets a token that is canceled when the client has left. A handler that ends early for it with an
    /// <see cref="OperationCanceledException"/> costs nothing if no byte of its response was sent. Once bytes of a stream were sent, the
    /// amount is captured.
    /// </summary>
    public CancellationToken ClientDisconnected { get; }
}
