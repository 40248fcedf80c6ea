using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>
/// Checks the key ring at start. The start fails if the store is not set up for a key ring. The start does not fail if the store cannot be
/// reached, because a host must be able to restart during an outage. A hazard of the keys is reported after the start, because a hazard
/// does not prevent the start.
/// </summary>
internal sealed class KeyRingStart(
    IServiceProvider services,
    IServiceProviderIsService known,
    IOptions<KeyManagementOptions> options,
    KeyRingHazard hazard,
    ILogger<KeyRingStart> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) =>
        known.IsService(typeof(KeyRingRepository)) ? CheckAsync(cancellationToken) : Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (await hazard.FindAsync().ConfigureAwait(false) is ({ } place, { } advice))
        {
            logger.KeysDoNotSurvive(place, advice);
        }
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (options.Value.XmlEncryptor is null)
        {
            logger.KeysNotEncrypted();
        }

        try
        {
            var repository = services.GetRequiredService<KeyRingRepository>();
            await Task.Run(repository.GetAllElements, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not (InvalidOperationException or OperationCanceledException))
        {
            logger.UnavailableAtStart(exception);
        }
    }
}
