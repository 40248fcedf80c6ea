using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionRecovery.Files;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>
/// Detects whether the key ring would be lost at a restart or in a new container. Also detects whether other users of the system can read
/// the key ring.
/// </summary>
internal sealed class KeyRingHazard(
    IServiceProvider services,
    IServiceProviderIsService known,
    IAuthenticationSchemeProvider schemes,
    IOptions<KeyManagementOptions> options,
    IConfiguration configuration)
{
    private const string PersistAdvice =
        "Call .PersistDataProtectionKeys() after AddSessionRecovery().UseSqlite(…) or .UseSupabase(…), or keep the keys on a volume with "
        + "builder.Services.AddDataProtection().PersistKeysToFileSystem(…)";

    private const string MoveAdvice = "Put the database of the credits, which contains the keys, on a volume that survives a deployment";

    /// <summary>Returns the location of the keys if the keys could be lost there, or <see langword="null"/> if they are safe.</summary>
    public async Task<HazardousPlace?> FindAsync()
    {
        if (!await IsUsedAsync().ConfigureAwait(false) || FindPlace() is not { } place)
        {
            return null;
        }

        return new HazardousPlace(place, options.Value.XmlRepository is KeyRingRepository ? MoveAdvice : PersistAdvice);
    }

    /// <summary>
    /// Returns a sentence that describes who else can read the keys in the credit store; <see langword="null"/> if no hazard is known.
    /// </summary>
    public string? FindReaders() => options.Value is { XmlRepository: KeyRingRepository repository, XmlEncryptor: null }
        ? repository.FindHazard()
        : null;

    // The Data Protection keys protect cookies, the bearer tokens of ASP.NET Core and signed links. They do not protect JWTs.
    private async Task<bool> IsUsedAsync() =>
        known.IsService(typeof(IFileStore))
        || (await schemes.GetAllSchemesAsync().ConfigureAwait(false)).Any(static scheme =>
            typeof(IAuthenticationSignInHandler).IsAssignableFrom(scheme.HandlerType));

    private string? FindPlace()
    {
        if (services.GetService<IDataProtectionProvider>() is EphemeralDataProtectionProvider)
        {
            return "in memory";
        }

        return options.Value.XmlRepository switch
        {
            FileSystemXmlRepository files => FindHazard(files.Directory),
            KeyRingRepository { Folder: { } folder } => FindHazard(new DirectoryInfo(folder)),
            null when FileSystemXmlRepository.DefaultKeyStorageDirectory is { } folder => FindHazard(folder),
            null when !OperatingSystem.IsWindows() => "in memory",
            _ => null,
        };
    }

    private string? FindHazard(DirectoryInfo folder) =>
        KeyFolder.FindHazard(folder.FullName, Path.GetTempPath(), IsInContainer() ? ReadMounts() : null);

    private bool IsInContainer() =>
        configuration["DOTNET_RUNNING_IN_CONTAINER"] is "true" or "1" || configuration["KUBERNETES_SERVICE_HOST"] is { Length: > 0 }
        || File.Exists("/.dockerenv");

    private static string? ReadMounts()
    {
        try
        {
            return File.ReadAllText("/proc/self/mountinfo");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Describes a location where the keys could be lost, and contains advice as a sentence without a final full stop.</summary>
    internal sealed record HazardousPlace(string Place, string Advice);
}
