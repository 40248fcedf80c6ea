using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

/// <summary>
/// Caches validated tokens, so that the signature of a token is verified only once. The cache is bounded and evicts tokens that were not
/// used recently. The cache key is the SHA-256 of the token, so that the token itself is not stored twice.
/// </summary>
internal sealed class ValidatedTokenCache(IOptions<SupabaseAuthenticationOptions> options) : IValidatedTokenCache
{
    private readonly int _perGeneration = Math.Max(1, options.Value.MaxCachedTokens / 2);
    private readonly bool _isOff = options.Value.MaxCachedTokens == 0;
    private readonly Lock _gate = new();
    private Dictionary<UInt256, ValidatedToken> _young = [];
    private Dictionary<UInt256, ValidatedToken> _old = [];

    public ValidatedToken? Find(string token)
    {
        if (_isOff)
        {
            return null;
        }

        var key = GetKey(token);
        lock (_gate)
        {
            if (_young.TryGetValue(key, out var found))
            {
                return found;
            }

            if (_old.Remove(key, out found))
            {
                Keep(key, found);
            }

            return found;
        }
    }

    public void Add(string token, ValidatedToken verified)
    {
        if (_isOff)
        {
            return;
        }

        var key = GetKey(token);
        lock (_gate)
        {
            Keep(key, verified);
        }
    }

    public void Remove(AccessToken token)
    {
        var key = GetKey(token.Reveal());
        lock (_gate)
        {
            _young.Remove(key);
            _old.Remove(key);
        }
    }

    private void Keep(UInt256 key, ValidatedToken verified)
    {
        if (_young.Count >= _perGeneration)
        {
            _old = _young;
            _young = [];
        }

        _young[key] = verified;
    }

    private static UInt256 GetKey(string token)
    {
        Span<byte> bytes = token.Length <= 2048 ? stackalloc byte[token.Length] : new byte[token.Length];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Encoding.Latin1.GetBytes(token, bytes);
        SHA256.HashData(bytes, hash);
        return new UInt256(
            BitConverter.ToUInt64(hash),
            BitConverter.ToUInt64(hash[8..]),
            BitConverter.ToUInt64(hash[16..]),
            BitConverter.ToUInt64(hash[24..]));
    }

    private readonly record struct UInt256(ulong A, ulong B, ulong C, ulong D);
}
