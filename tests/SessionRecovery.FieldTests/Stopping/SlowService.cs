using Microsoft.Extensions.Hosting;

namespace SessionRecovery.FieldTests.Stopping;

/// <summary>A service of the host that stops slowly.</summary>
internal sealed class SlowService : IHostedService
{
    private readonly TaskCompletionSource _isStopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task IsStopping => _isStopping.Task;

    public void Release() => _released.TrySetResult();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _isStopping.TrySetResult();
        return _released.Task;
    }
}
