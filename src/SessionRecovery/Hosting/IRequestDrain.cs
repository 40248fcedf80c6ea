namespace SessionRecovery.Hosting;

/// <summary>
/// Reports when a stopping host has served its last request. The ASP.NET Core package implements it, and a store that only one process uses
/// can then let the next process open it before the host's other services have stopped. Thread-safe.
/// </summary>
public interface IRequestDrain
{
    /// <summary>
    /// Waits until the server accepts no more requests and the last one has ended. It is called while the host stops, at the end of
    /// <c>IHostedLifecycleService.StoppingAsync</c>.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>
    /// <see langword="true"/> if no more requests arrive; <see langword="false"/> if the host's services are stopped in an order in which
    /// this is not known before the stop is complete.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<bool> WaitAsync(CancellationToken cancellationToken);
}
