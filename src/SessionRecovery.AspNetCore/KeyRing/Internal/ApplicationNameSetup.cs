using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>
/// Isolates the host's data by its name. By default Data Protection uses the path of the content root, and a release in another folder
/// could not read the cookies of the one before. A name that the host sets remains.
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
