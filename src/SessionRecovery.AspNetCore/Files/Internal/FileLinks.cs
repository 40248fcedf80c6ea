using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>
/// Signed links for <c>&lt;audio src&gt;</c>, which sends no header. A link is protected by Data Protection with its own purpose and bound
/// to owner, name and content. It survives a restart, because it is valid as long as the Data Protection keys exist.
/// </summary>
internal sealed class FileLinks(IDataProtectionProvider protection, IOptions<UserFileOptions> options, TimeProvider time)
{
    private const int MaxLength = 2048;

    private readonly IDataProtector _protector = protection.CreateProtector("SessionRecovery.Files.Links.v1");

    public (string Link, DateTimeOffset ExpiresAt) Create(UserId owner, StoredFile file)
    {
        var expiresAt = time.GetUtcNow() + options.Value.LinkLifetime;
        var text = string.Join(
            '\n', expiresAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), file.Name, file.Sha256, owner.Value);
        return (_protector.Protect(text), expiresAt);
    }

    /// <summary>
    /// Returns the owner and the content that a link is bound to; <see langword="false"/> if the link is not valid for this name.
    /// </summary>
    public bool TryOpen(string? link, string name, out UserId owner, [NotNullWhen(true)] out string? sha256)
    {
        owner = default;
        sha256 = null;
        if (string.IsNullOrEmpty(link) || link.Length > MaxLength)
        {
            return false;
        }

        string text;
        try
        {
            text = _protector.Unprotect(link);
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return false;
        }

        if (text.Split('\n', 4) is not [var expiry, var linked, var hash, var user]
            || !long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var expiresAt)
            || time.GetUtcNow().ToUnixTimeMilliseconds() >= expiresAt
            || !string.Equals(linked, name, StringComparison.Ordinal)
            || !UserId.TryParse(user, null, out owner))
        {
            return false;
        }

        sha256 = hash;
        return true;
    }
}
