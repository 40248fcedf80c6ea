using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SessionRecovery.Hosting;

namespace SessionRecovery.AspNetCore.Hosting.Internal;

/// <summary>
/// Counts the requests in flight. The server has no event for the end of its last request, so the end is inferred from two facts. The
/// server is the first service that the host stops, and for 100 ms no request was in flight and no request arrived.
/// </summary>
internal sealed class RequestDrain(IServiceProvider services, TimeProvider time) : IRequestDrain
{
    // The name of the internal type that runs the server. WebApplicationBuilder registers this service last, so the host stops it first.
    private const string ServerService = "Microsoft.AspNetCore.Hosting.GenericWebHostService";

    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(100);

    private long _arrived;
    private long _ended;

    public void Begin() => Interlocked.Increment(ref _arrived);

    public void End() => Interlocked.Increment(ref _ended);

    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (!IsServerStoppedFirst())
        {
            return false;
        }

        while (true)
        {
            // The number of ended requests is read first, so that a request that arrives in between is not overlooked.
            var ended = Interlocked.Read(ref _ended);
            var isIdle = Interlocked.Read(ref _arrived) == ended;
            await Task.Delay(QuietTime, time, cancellationToken).ConfigureAwait(false);
            if (isIdle && Interlocked.Read(ref _arrived) == ended)
            {
                return true;
            }
        }
    }

    // If the host stops its services concurrently, the services have no order, and a background service may work for longer than the
    // server.
    private bool IsServerStoppedFirst() =>
        services.GetService<IOptions<HostOptions>>()?.Value.ServicesStopConcurrently is not true
        && services.GetServices<IHostedService>().LastOrDefault()?.GetType().FullName == ServerService;
}
