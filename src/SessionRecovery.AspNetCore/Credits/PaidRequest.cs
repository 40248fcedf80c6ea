using SessionRecovery.AspNetCore.Credits.Internal;

namespace SessionRecovery.AspNetCore.Credits;

/// <summary>Represents a running request to an endpoint with <c>RequireCredits</c> or <c>RequireIdempotency</c>.</summary>
/// <remarks>
/// <c>HttpContext.RequestAborted</c> of a paid request is canceled when the maximum work time
/// (<see cref="PaidRequestOptions.MaxWorkTime"/>) has passed, when the host cancels the request (for example after a request timeout), and
/// when the host stops. The token is also canceled when the client disconnects while the response is being sent. If the client disconnects
/// before the response is sent, the token is not canceled, because the response is stored for a repeated request.
/// </remarks>
public sealed class PaidRequest
{
    private readonly PaidAmount _amount;

    internal PaidRequest(long amount, PaidAmount captured, CancellationToken clientDisconnected)
    {
        Amount = amount;
        ClientDisconnected = clientDisconnected;
        _amount = captured;
    }

    /// <summary>Gets the reserved amount in whole credits; 0 for an endpoint without a price.</summary>
    public long Amount { get; }

    /// <summary>
    /// Gets a token that is canceled when the client has disconnected. If the handler throws an <see cref="OperationCanceledException"/>
    /// after the disconnect and before a byte of the response was sent, the user is not charged. If bytes of a stream were already sent,
    /// the amount is charged.
    /// </summary>
    public CancellationToken ClientDisconnected { get; }

    /// <summary>
    /// Sets the actual price of the request. The method does not charge the user. The amount is charged when the credits are captured
    /// together with the response, and the remaining reserved credits return to the user in the same change. If the handler throws or the
    /// HTTP status is neither 2xx nor 3xx, nothing is charged. The method can be called again while the handler runs, for example for each
    /// part of a stream. The amount of the last call is charged. If the method is not called, <see cref="Amount"/> is charged. A callback
    /// that the handler registered with <c>Response.OnStarting</c> can also call the method, because such callbacks run before the capture.
    /// The method is thread-safe.
    /// </summary>
    /// <param name="actual">
    /// The amount in whole credits, 0 to <see cref="Amount"/>. If the amount is 0, nothing is charged, but the response is stored for a
    /// repeated request.
    /// </param>
    /// <returns>A task that completes when the amount was set.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="actual"/> is negative or greater than <see cref="Amount"/>. The amount was not changed.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The handler has completed, or the credits were already captured with another amount. The credits are captured before the handler
    /// completes if the response is longer than <see cref="PaidRequestOptions.MaxStoredResponse"/> and is not a stream, or if a connection
    /// is handed over.
    /// </exception>
    public Task SettleAsync(long actual)
    {
        if (actual < 0 || actual > Amount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(actual), actual, $"The settled amount must be from 0 to the reserved amount, which is {Amount}.");
        }

        _amount.Set(actual);
        return Task.CompletedTask;
    }
}
