using System.Net;
using System.Net.Sockets;

namespace SessionRecovery.Shared;

/// <summary>Validates the address of a Supabase project, and combines it with the paths of its services.</summary>
internal static class ProjectAddress
{
    // Names that the public DNS does not contain: RFC 6761, RFC 6762, RFC 8375, and the reserved domain internal.
    private static readonly string[] PrivateDomains = [".internal", ".local", ".localhost", ".home.arpa"];

    private static readonly string[] Services = ["/rest/v1", "/auth/v1", "/storage/v1", "/functions/v1", "/realtime/v1"];

    /// <summary>
    /// Returns whether a URL names a project: no query, fragment, user, or path of one of the project's services, and https. Plain http is
    /// valid inside a private network, and elsewhere only with <paramref name="allowInsecureHttp"/>.
    /// </summary>
    public static bool IsValid(string url, bool allowInsecureHttp) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps
            || (address.Scheme == Uri.UriSchemeHttp && (allowInsecureHttp || address.IsLoopback || IsPrivate(address))))
        && address.Query.Length == 0
        && address.Fragment.Length == 0
        && address.UserInfo.Length == 0
        && !Services.Any(service => address.AbsolutePath.TrimEnd('/').EndsWith(service, StringComparison.OrdinalIgnoreCase));

    /// <summary>Returns whether keys and tokens are sent over the network without encryption.</summary>
    public static bool IsInsecure(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback;

    /// <summary>Returns the address of a service's path. A project behind a prefix keeps the prefix.</summary>
    public static Uri Combine(string url, string path) => new($"{url.TrimEnd('/')}/{path.TrimStart('/')}");

    private static bool IsPrivate(Uri address)
    {
        if (!IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
        {
            return !address.Host.Contains('.', StringComparison.Ordinal)
                || PrivateDomains.Any(domain => address.Host.EndsWith(domain, StringComparison.OrdinalIgnoreCase));
        }

        ip = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
        return ip.AddressFamily == AddressFamily.InterNetworkV6
            ? ip.IsIPv6UniqueLocal || ip.IsIPv6LinkLocal
            : ip.GetAddressBytes() is [10, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..] or [169, 254, ..];
    }
}
