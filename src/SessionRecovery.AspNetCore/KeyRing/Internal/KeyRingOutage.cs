using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>
/// A request's feature: the key ring could not be loaded, so that a cookie, a token or a link of this request could not be read. It is
/// neither valid nor invalid.
/// </summary>
internal sealed class KeyRingOutage
{
    private static readonly KeyRingOutage Instance = new();

    public static void Report(HttpContext? context) => context?.Features.Set(Instance);

    public static bool IsIn(HttpContext context) => context.Features.Get<KeyRingOutage>() is not null;

    // Data Protection wraps the exception of the repository. A payload that is not valid has no such cause.
    public static bool IsCause(CryptographicException exception) => exception.InnerException is not (null or CryptographicException);
}
