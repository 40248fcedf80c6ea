using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>
/// Sets the repository of the key ring. It runs after the host's own configuration, because <c>PersistDataProtectionKeys()</c> is the
/// host's decision too, and the order of calls does not matter.
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
