namespace SessionRecovery.Shared;

/// <summary>Validates the address of a Supabase project.</summary>
internal static class ProjectAddress
{
    /// <summary>
    /// Returns whether a URL has no path, query, fragment or user, and uses https. Plain http is valid only for a loopback address.
    /// </summary>
    public static bool IsValid(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        && address.PathAndQuery == "/"
        && address.Fragment.Length == 0
        && address.UserInfo.Length == 0;
}
