namespace SessionRecovery.Shared;

/// <summary>The rule for the address of a Supabase project.</summary>
internal static class ProjectAddress
{
    /// <summary>Returns whether it is an address without path, query, fragment and user; http only of this machine.</summary>
    public static bool IsValid(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        && address.PathAndQuery == "/"
        && address.Fragment.Length == 0
        && address.UserInfo.Length == 0;
}
