using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>
/// Represents a request feature that marks a request during which the key ring could not be loaded. A cookie, a token or a link of the
/// marked request could not be read, so its validity is unknown.
/// </summary>
internal sealed class KeyRingOutage
{
    private static readonly KeyRingOutage Instance = new();

    public static void Report(HttpContext? context) => context?.Features.Set(Instance);

    public static bool IsIn(HttpContext context) => context.Features.Get<KeyRingOutage>() is not null;

    // Data Protection wraps an exception of the key repository in a CryptographicException. The CryptographicException for an invalid
    // payload has no inner exception of another type.
    public static bool IsCause(CryptographicException exception) => exception.InnerException is not (null or CryptographicException);
}
