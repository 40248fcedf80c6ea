using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

/// <summary>
/// Caches validated tokens, so that the signature of a token is verified only once. The cache is bounded and evicts tokens that were not
/// used recently. The lookup of a recently used token takes no lock and allocates nothing.
/// </summary>
/// <remarks>
/// The cache key is the text of the token, which needs about 2 bytes of memory per character. A hash as the key would need less memory, but
/// its computation would take longer than the lookup.
/// </remarks>
internal sealed class ValidatedTokenCache(IOptions<SupabaseAuthenticationOptions> options) : IValidatedTokenCache
{
    private readonly int _perGeneration = Math.Max(1, options.Value.MaxCachedTokens / 2);
    private readonly bool _isOff = options.Value.MaxCachedTokens == 0;
    private readonly Lock _gate = new();
    private ConcurrentDictionary<string, ValidatedToken> _young = Create();
    private ConcurrentDictionary<string, ValidatedToken> _old = Create();
    private int _youngCount;

    public ValidatedToken? Find(ReadOnlySpan<char> token)
    {
        if (_isOff)
        {
            return null;
        }

        return Volatile.Read(ref _young).GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out var found)
            ? found
            : FindOld(token);
    }

    public void Add(ValidatedToken verified)
    {
        if (_isOff)
        {
            return;
        }

        lock (_gate)
        {
            Keep(verified);
        }
    }

    /// <summary>
    /// Replaces a cached validation. The method does nothing if the token was removed or validated again in the meantime, so that a token
    /// whose session has ended does not return to the cache.
    /// </summary>
    public void Replace(ValidatedToken current, ValidatedToken verified)
    {
        lock (_gate)
        {
            _young.TryUpdate(current.Token.Reveal(), verified, current);
        }
    }

    public void Remove(AccessToken token)
    {
        var key = token.Reveal();
        lock (_gate)
        {
            if (_young.TryRemove(key, out _))
            {
                _youngCount--;
            }

            _old.TryRemove(key, out _);
        }
    }

    private static ConcurrentDictionary<string, ValidatedToken> Create() => new(TokenTextComparer.Instance);

    // A token of the old generation moves to the young generation when it is used.
    private ValidatedToken? FindOld(ReadOnlySpan<char> token)
    {
        lock (_gate)
        {
            if (_young.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out var found))
            {
                return found;
            }

            if (_old.GetAlternateLookup<ReadOnlySpan<char>>().TryRemove(token, out _, out found))
            {
                Keep(found);
            }

            return found;
        }
    }

    private void Keep(ValidatedToken verified)
    {
        if (_youngCount >= _perGeneration)
        {
            _old = _young;
            _youngCount = 0;
            Volatile.Write(ref _young, Create());
        }

        var key = verified.Token.Reveal();
        if (_young.TryAdd(key, verified))
        {
            _youngCount++;
        }
        else
        {
            _young[key] = verified;
        }
    }
}
