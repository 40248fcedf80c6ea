using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Shared;

namespace SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;

/// <summary>
/// Provides the public signing keys of the Supabase project. A token with an unknown key id causes a request for the keys, at most once per
/// 30 seconds. Keys that are older than their lifetime are requested again in the background, so that a revoked key is dropped without a
/// restart. While Supabase Auth is unreachable, the last known keys are trusted for a limited time.
/// </summary>
internal sealed class SigningKeySource(
    IHttpClientFactory clients,
    SigningKeyPersistence persistence,
    IOptions<SupabaseAuthenticationOptions> options,
    TimeProvider time,
    ILogger<SigningKeySource> logger)
{
    /// <summary>The name of the HTTP client that requests the keys.</summary>
    public const string ClientName = "SessionRecovery.Supabase.SigningKeys";

    private static readonly TimeSpan MinFetchInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(5);

    private readonly Uri _address = ProjectAddress.Combine(options.Value.Url, "/auth/v1/.well-known/jwks.json");
    private readonly TimeSpan _trust = TimeSpan.FromTicks(
        Math.Max(options.Value.UnconfirmedKeyLifetime.Ticks, options.Value.KeyLifetime.Ticks));
    private readonly SingleFlight<Operation, bool> _running = new();
    private object? _fetchedAt;
    private Task<bool>? _fetch;
    private SigningKeySet? _keys;
    private volatile bool _isLoaded;
    private volatile bool _hasLastFetchFailed;

    private enum Operation
    {
        Load,
        Fetch,
    }

    /// <summary>
    /// Gets the trusted keys. The value is <see langword="null"/> if no keys are known or if Supabase Auth has not confirmed the keys for
    /// too long.
    /// </summary>
    public SigningKeySet? Current => GetTrusted(time.GetUtcNow());

    /// <summary>Returns the value of <see cref="Current"/> at a time that the caller has read from the clock.</summary>
    public SigningKeySet? GetTrusted(DateTimeOffset now) =>
        Volatile.Read(ref _keys) is { } keys && now - keys.ConfirmedAt <= _trust ? keys : null;

    /// <summary>
    /// Returns the trusted keys. If no trusted key has the id <paramref name="keyId"/> and the minimum interval has passed, the method
    /// first requests the keys from Supabase Auth.
    /// </summary>
    /// <returns>The keys, or <see langword="null"/> if the current keys of the project are not known.</returns>
    public async ValueTask<SigningKeySet?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _keys) is null && !_isLoaded)
        {
            await _running.RunAsync(Operation.Load, LoadAsync).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        if (Current is { } known && known.Find(keyId) is not null)
        {
            RefreshIfOld();
            return known;
        }

        await FetchAsync().WaitAsync(cancellationToken).ConfigureAwait(false);

        // While Supabase Auth is unreachable, an unknown key may be a new key of the project. A token with such a key can be neither
        // validated nor rejected.
        return Current is { } keys && (keys.Find(keyId) is not null || !_hasLastFetchFailed) ? keys : null;
    }

    /// <summary>
    /// Requests the keys in the background if they are older than their lifetime, or were not yet confirmed in this process.
    /// </summary>
    public void RefreshIfOld() => RefreshIfOld(time.GetUtcNow());

    /// <inheritdoc cref="RefreshIfOld()" />
    /// <param name="now">The current time, which the caller has read from the clock.</param>
    public void RefreshIfOld(DateTimeOffset now)
    {
        if (Volatile.Read(ref _fetchedAt) is null
            || (Volatile.Read(ref _keys) is { } keys && now - keys.ConfirmedAt > options.Value.KeyLifetime))
        {
            _ = FetchAsync();
        }
    }

    private async Task<bool> LoadAsync()
    {
        using var timeout = new CancellationTokenSource(FetchTimeout, time);

        // Stored keys whose time is in the future are ignored. Keys with a future time were stored while the clock was wrong, and would be
        // trusted for too long.
        if (await persistence.LoadAsync(timeout.Token).ConfigureAwait(false) is { } keys && keys.ConfirmedAt <= time.GetUtcNow())
        {
            Interlocked.CompareExchange(ref _keys, keys, null);
        }

        return _isLoaded = true;
    }

    /// <summary>
    /// Joins the running request for the keys, or starts a new one. The method does nothing if the last request started less than the
    /// minimum interval ago.
    /// </summary>
    private Task<bool> FetchAsync()
    {
        // This check takes no lock and allocates no memory, because every HTTP request runs it while Supabase Auth is unreachable or its
        // keys are old.
        if (Volatile.Read(ref _fetch) is { } last && (!last.IsCompleted || IsWithinInterval()))
        {
            return last;
        }

        var fetch = _running.RunAsync(Operation.Fetch, TryFetchAsync);
        Volatile.Write(ref _fetch, fetch);
        return fetch;
    }

    private bool IsWithinInterval() => Volatile.Read(ref _fetchedAt) is long last && time.GetElapsedTime(last) < MinFetchInterval;

    private async Task<bool> TryFetchAsync()
    {
        // A second request for the keys is unnecessary if another caller has started a request after this caller checked the interval.
        if (IsWithinInterval())
        {
            return false;
        }

        Volatile.Write(ref _fetchedAt, time.GetTimestamp());
        _hasLastFetchFailed = true;
        using var timeout = new CancellationTokenSource(FetchTimeout, time);
        try
        {
            using var client = clients.CreateClient(ClientName);
            var json = await client.GetStringAsync(_address, timeout.Token).ConfigureAwait(false);
            if (SigningKeySet.TryParse(json, time.GetUtcNow()) is not { } keys)
            {
                logger.KeysUnreadable();
                return false;
            }

            Volatile.Write(ref _keys, keys);
            _hasLastFetchFailed = false;
            await persistence.SaveAsync(keys, _trust, timeout.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            logger.KeysNotFetched(exception);
            return false;
        }
    }
}
