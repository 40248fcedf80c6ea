using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;

/// <summary>
/// The public keys of the project's Auth. An unknown key id fetches them, at most once in 30 s however many such tokens arrive; keys past their
/// lifetime are fetched beside the requests, so that a revoked key is dropped without a restart; while Auth is away the last ones are trusted for a
/// limited time.
/// </summary>
internal sealed class SigningKeySource(
    IHttpClientFactory clients,
    SigningKeyPersistence kept,
    IOptions<SupabaseAuthenticationOptions> options,
    TimeProvider time,
    ILogger<SigningKeySource> logger)
{
    /// <summary>The name under which the HTTP client is registered.</summary>
    public const string ClientName = "SessionRecovery.Supabase.SigningKeys";

    private static readonly TimeSpan FetchInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(5);

    private readonly Uri _address = new(new Uri(options.Value.Url), "/auth/v1/.well-known/jwks.json");
    private readonly TimeSpan _trust = options.Value.UnconfirmedKeyLifetime > options.Value.KeyLifetime ? options.Value.UnconfirmedKeyLifetime : options.Value.KeyLifetime;
    private readonly Lock _gate = new();
    private Task? _load;
    private Task? _fetch;
    private object? _fetchedAt;
    private SigningKeySet? _keys;
    private bool _lastFetchFailed;

    /// <summary>The keys that are trusted now; <see langword="null"/> when none are known, or were not confirmed for too long.</summary>
    public SigningKeySet? Current => Volatile.Read(ref _keys) is { } keys && GetAge(keys) <= _trust ? keys : null;

    /// <summary>The keys, fetched if <paramref name="keyId"/> is not among them and a fetch is allowed now.</summary>
    public async ValueTask<SigningKeySet?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _keys) is null)
        {
            await Load().WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        var keys = Current;
        if (keys?.Find(keyId) is null)
        {
            await Fetch().WaitAsync(cancellationToken).ConfigureAwait(false);

            // While Auth can't be asked, a key that we don't know may well be a new one: that is no word about the token.
            return Current is { } now && (now.Find(keyId) is not null || !Volatile.Read(ref _lastFetchFailed)) ? now : null;
        }

        RenewIfOld();
        return keys;
    }

    /// <summary>Fetches beside the caller when the keys are past their lifetime, or were not confirmed in this process yet.</summary>
    public void RenewIfOld()
    {
        if (Volatile.Read(ref _fetchedAt) is null || (Volatile.Read(ref _keys) is { } keys && GetAge(keys) > options.Value.KeyLifetime))
        {
            _ = Fetch();
        }
    }

    private TimeSpan GetAge(SigningKeySet keys) => time.GetUtcNow() - keys.ConfirmedAt;

    private Task Load()
    {
        lock (_gate)
        {
            return _load ??= Task.Run(LoadAsync);
        }
    }

    private async Task LoadAsync()
    {
        using var timeout = new CancellationTokenSource(FetchTimeout, time);
        try
        {
            // Keys of the future were kept by a clock that was wrong, and would be trusted for too long.
            if (await kept.LoadAsync(timeout.Token).ConfigureAwait(false) is { } keys && GetAge(keys) >= TimeSpan.Zero)
            {
                Interlocked.CompareExchange(ref _keys, keys, null);
            }
        }
        catch (OperationCanceledException exception)
        {
            logger.KeysNotFetched(exception.GetType().Name);
        }
    }

    /// <summary>Joins the fetch that runs, or begins one; does nothing when the last one began less than 30 s ago.</summary>
    private Task Fetch()
    {
        lock (_gate)
        {
            if (_fetch is { IsCompleted: false })
            {
                return _fetch;
            }

            if (_fetchedAt is long last && time.GetElapsedTime(last) < FetchInterval)
            {
                return Task.CompletedTask;
            }

            _fetchedAt = time.GetTimestamp();
            return _fetch = Task.Run(FetchAsync);
        }
    }

    private async Task FetchAsync()
    {
        using var timeout = new CancellationTokenSource(FetchTimeout, time);
        Volatile.Write(ref _lastFetchFailed, true);
        try
        {
            using var client = clients.CreateClient(ClientName);
            var json = await client.GetStringAsync(_address, timeout.Token).ConfigureAwait(false);
            if (SigningKeySet.TryParse(json, time.GetUtcNow()) is not { } keys)
            {
                logger.KeysUnreadable();
                return;
            }

            Volatile.Write(ref _keys, keys);
            Volatile.Write(ref _lastFetchFailed, false);
            await kept.SaveAsync(keys, _trust, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            logger.KeysNotFetched(exception.GetType().Name);
        }
    }
}
