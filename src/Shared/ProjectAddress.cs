using System.Net;
using System.Net.Sockets;

namespace SessionRecovery.Shared;

/// <summary>Validates the URL of a Supabase project, and appends the paths of Supabase services to this URL.</summary>
internal static class ProjectAddress
{
    // Domains that the public DNS does not contain. The domains are defined in RFC 6761, RFC 6762 and RFC 8375, and ICANN reserved the
    // domain internal.
    private static readonly string[] PrivateDomains = [".internal", ".local", ".localhost", ".home.arpa"];

    private static readonly string[] Services = ["/rest/v1", "/auth/v1", "/storage/v1", "/functions/v1", "/realtime/v1"];

    /// <summary>
    /// Returns a value that indicates whether a URL is the base URL of a Supabase project. The URL must use https and have no query,
    /// fragment, user name or service path. Plain http is valid inside a private network, or if <paramref name="allowInsecureHttp"/> is
    /// <see langword="true"/>.
    /// </summary>
    public static bool IsValid(string url, bool allowInsecureHttp) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps
            || (address.Scheme == Uri.UriSchemeHttp && (allowInsecureHttp || address.IsLoopback || IsPrivate(address))))
        && address.Query.Length == 0
        && address.Fragment.Length == 0
        && address.UserInfo.Length == 0
        && !Services.Any(service => address.AbsolutePath.TrimEnd('/').EndsWith(service, StringComparison.OrdinalIgnoreCase));

    /// <summary>Returns a value that indicates whether keys and tokens are sent over the network without encryption.</summary>
    public static bool IsInsecure(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback;

    /// <summary>
    /// Returns the URL of a service path below the project URL. If the project URL contains a path, the service path is appended to it.
    /// </summary>
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
