using System.Text.Json;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SessionRecovery.Sessions;

namespace SessionRecovery.Warming.Internal;

/// <summary>
/// Hands over the active users of a stopping host to the next start through the host's distributed cache, if the host has one. The cache
/// entry contains only user ids. If a call fails or takes longer than <see cref="Timeout"/>, the failure is logged and the call is not
/// repeated.
/// </summary>
internal sealed class UserHandOver(
    TimeProvider time, ILogger<UserHandOver> logger, IDistributedCache? cache = null, IHostEnvironment? environment = null)
{
    // The type of the cache is compared by name, because this package does not reference the package that defines MemoryDistributedCache.
    private const string InMemoryCache = "Microsoft.Extensions.Caching.Distributed.MemoryDistributedCache";

    /// <summary>The maximum duration of one call to the cache.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private static readonly DistributedCacheEntryOptions Expiry = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(24) };

    // The key contains the application's name, because several applications may share one cache.
    private readonly string _key = $"session-recovery:active-users:{environment?.ApplicationName}";

    // An in-memory cache is not used, because its content is lost when the process ends.
    private readonly IDistributedCache? _cache = IsInMemory(cache) ? null : cache;

    public bool IsAvailable => _cache is not null;

    /// <summary>Writes the users for the next start. A failure is logged.</summary>
    public async Task SaveAsync(IReadOnlyList<UserId> users)
    {
        try
        {
            var ids = users.Select(static user => user.Value).ToArray();
            var bytes = JsonSerializer.SerializeToUtf8Bytes(ids, HandOverJson.Default.StringArray);
            await RunAsync(token => _cache!.SetAsync(_key, bytes, Expiry, token), CancellationToken.None).ConfigureAwait(false);
            logger.UsersHandedOver(users.Count);
        }
        catch (Exception exception)
        {
            logger.HandOverFailed(exception);
        }
    }

    /// <summary>
    /// Returns the users that the last stopped host has recorded, and removes them from the cache. Without the removal, a start after a
    /// crash would read the outdated list of an earlier stop. If the call fails, the failure is logged and no users are returned.
    /// </summary>
    public async Task<IReadOnlyList<UserId>> TakeAsync(int limit, CancellationToken cancellationToken)
    {
        if (_cache is null)
        {
            return [];
        }

        try
        {
            var users = new List<UserId>();
            await RunAsync(
                async token =>
                {
                    if (await _cache.GetAsync(_key, token).ConfigureAwait(false) is { } bytes)
                    {
                        users.AddRange(Parse(bytes).Take(limit));
                        await _cache.RemoveAsync(_key, token).ConfigureAwait(false);
                    }
                },
                cancellationToken).ConfigureAwait(false);
            return users;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.HandOverUnreadable(exception);
            return [];
        }
    }

    private static bool IsInMemory(IDistributedCache? cache)
    {
        for (var type = cache?.GetType(); type is not null; type = type.BaseType)
        {
            if (type.FullName == InMemoryCache)
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<UserId> Parse(byte[] bytes)
    {
        foreach (var value in JsonSerializer.Deserialize(bytes, HandOverJson.Default.StringArray)?.Distinct() ?? [])
        {
            if (UserId.TryParse(value, null, out var user))
            {
                yield return user;
            }
        }
    }

    // The call runs on another thread and has a timeout, because an implementation of IDistributedCache may block the caller or ignore the
    // token.
    private async Task RunAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var token = both.Token;
        await Task.Run(() => call(token), token).WaitAsync(token).ConfigureAwait(false);
    }
}
