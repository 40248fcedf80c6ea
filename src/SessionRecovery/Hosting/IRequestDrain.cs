namespace SessionRecovery.Hosting;

/// <summary>
/// Reports when a stopping host has served its last request. The ASP.NET Core package implements this interface. After the last request, a
/// store that only one process may use can release its database to the next process, before the host's other services have stopped.
/// Implementations must be thread-safe.
/// </summary>
public interface IRequestDrain
{
    /// <summary>
    /// Waits until the server accepts no more requests and the last request has ended. A store calls this method while the host stops, at
    /// the end of <c>IHostedLifecycleService.StoppingAsync</c>.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>
    /// <see langword="true"/> if no more requests arrive; <see langword="false"/> if the host stops its services in an order in which the
    /// end of the last request is known only when the whole host has stopped.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<bool> WaitAsync(CancellationToken cancellationToken);
}
