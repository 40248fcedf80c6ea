using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SessionRecovery.Hosting;

namespace SessionRecovery.AspNetCore.Hosting.Internal;

/// <summary>
/// Counts the running requests. ASP.NET Core has no event for the end of the last request. The class therefore assumes that the last
/// request has ended if two conditions are met: the server is the first service that the host stops, and for 100 ms no request was running
/// and no request arrived.
/// </summary>
internal sealed class RequestDrain(IServiceProvider services, TimeProvider time) : IRequestDrain
{
    // The name of the internal type of ASP.NET Core that runs the server. WebApplicationBuilder registers this service last, so the host
    // stops the server first.
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
            // The number of ended requests is read before the number of started requests, so that a request that arrives between the two
            // reads counts as running.
            var ended = Interlocked.Read(ref _ended);
            var isIdle = Interlocked.Read(ref _arrived) == ended;
            await Task.Delay(QuietTime, time, cancellationToken).ConfigureAwait(false);
            if (isIdle && Interlocked.Read(ref _arrived) == ended)
            {
                return true;
            }
        }
    }

    // If the host stops its services concurrently, the server is not the first service that stops.
    private bool IsServerStoppedFirst() =>
        services.GetService<IOptions<HostOptions>>()?.Value.ServicesStopConcurrently is not true
        && services.GetServices<IHostedService>().LastOrDefault()?.GetType().FullName == ServerService;
}
