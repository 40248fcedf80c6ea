using Microsoft.Extensions.Hosting;

namespace SessionRecovery.FieldTests.Stopping;

/// <summary>
/// Delays the stop of a host, as hosts do until the load balancer has noticed the stop. The server accepts requests until
/// <see cref="Release"/> is called.
/// </summary>
internal sealed class HeldStop : IHostedLifecycleService
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _released.TrySetResult();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => _released.Task.WaitAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
