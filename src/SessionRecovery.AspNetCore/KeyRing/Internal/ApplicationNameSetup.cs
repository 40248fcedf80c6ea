using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>
/// Isolates the host's protected data by the application name. By default Data Protection isolates data by the path of the content root, so
/// a release in another folder could not read the cookies of the previous release. An application name that the host sets is not replaced.
/// </summary>
internal sealed class ApplicationNameSetup(IHostEnvironment environment) : IPostConfigureOptions<DataProtectionOptions>
{
    public void PostConfigure(string? name, DataProtectionOptions options)
    {
        if (options.ApplicationDiscriminator is not { Length: > 0 } discriminator || IsContentRoot(discriminator))
        {
            options.ApplicationDiscriminator = environment.ApplicationName;
        }
    }

    private bool IsContentRoot(string discriminator) =>
        Path.TrimEndingDirectorySeparator(discriminator) == Path.TrimEndingDirectorySeparator(environment.ContentRootPath);
}
