using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>
/// Sets the repository of the key ring after the host's own configuration has run, so that <c>PersistDataProtectionKeys()</c> replaces
/// another repository regardless of the order of calls.
/// </summary>
internal sealed class KeyRingSetup(KeyRingRepository repository, ILogger<KeyRingSetup> logger) : IPostConfigureOptions<KeyManagementOptions>
{
    public void PostConfigure(string? name, KeyManagementOptions options)
    {
        if (options.XmlRepository is { } other && other != repository)
        {
            logger.RepositoryReplaced(other.GetType().Name);
        }

        options.XmlRepository = repository;
    }
}
