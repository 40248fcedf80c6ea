using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>
/// Creates and validates signed links to files. An element such as <c>&lt;audio src&gt;</c> needs a link, because it sends no Authorization
/// header. A link is encrypted with Data Protection and bound to the owner, the name and the content of the file. A link stays valid after
/// a restart if the Data Protection keys are persisted.
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
    /// Validates a link to the file with the given name, and gets the owner and the content hash from the link. Returns
    /// <see langword="false"/> if the link is not valid for this name.
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
