using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>
/// Marks the current request if the key ring cannot be loaded. The authentication schemes of ASP.NET Core catch the exception of such a
/// failure and treat the cookie as forged. Without the mark, the user would be signed out.
/// </summary>
internal sealed class WatchedDataProtector(IDataProtector inner, IHttpContextAccessor current) : IPersistedDataProtector
{
    public IDataProtector CreateProtector(string purpose) => new WatchedDataProtector(inner.CreateProtector(purpose), current);

    public byte[] Protect(byte[] plaintext) => Watch(static (protector, data) => protector.Protect(data), plaintext);

    public byte[] Unprotect(byte[] protectedData) => Watch(static (protector, data) => protector.Unprotect(data), protectedData);

    public byte[] DangerousUnprotect(
        byte[] protectedData, bool ignoreRevocationErrors, out bool requiresMigration, out bool wasRevoked)
    {
        if (inner is IPersistedDataProtector persisted)
        {
            return persisted.DangerousUnprotect(protectedData, ignoreRevocationErrors, out requiresMigration, out wasRevoked);
        }

        (requiresMigration, wasRevoked) = (false, false);
        return Unprotect(protectedData);
    }

    private byte[] Watch(Func<IDataProtector, byte[], byte[]> operation, byte[] data)
    {
        try
        {
            return operation(inner, data);
        }
        catch (CryptographicException exception) when (KeyRingOutage.IsCause(exception))
        {
            KeyRingOutage.Report(current.HttpContext);
            throw;
        }
    }
}
