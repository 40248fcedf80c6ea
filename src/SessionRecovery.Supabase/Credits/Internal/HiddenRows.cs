using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Diagnostics.Internal;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>
/// Logs a warning if row-level security hides a user's row, because PostgREST returns the same response as for a missing row. Requires the
/// secret key, runs at most once per interval, and does not affect the result of the read. Thread-safe.
/// </summary>
internal sealed class HiddenRows(Postgrest rest, IOptions<SupabaseOptions> options, TimeProvider time, ILogger<HiddenRows> logger)
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WarningInterval = TimeSpan.FromMinutes(10);

    private readonly SupabaseOptions _options = options.Value;
    private readonly Lock _gate = new();
    private long? _lastCheck;
    private long? _lastWarning;

    /// <summary>Checks in the background whether the server can see the row, unless a check ran recently.</summary>
    public void Check(UserId user, string query)
    {
        if (!string.IsNullOrEmpty(_options.SecretKey) && IsDue())
        {
            _ = CheckAsync(user, query);
        }
    }

    private async Task CheckAsync(UserId user, string query)
    {
        try
        {
            var rows = await rest.SelectAsync(
                _options.Table,
                query,
                LedgerJson.Default.ListDictionaryStringJsonElement,
                SupabaseCredential.Server,
                CancellationToken.None).ConfigureAwait(false);
            if (rows.Count > 0)
            {
                lock (_gate)
                {
                    _lastWarning = time.GetTimestamp();
                }

                logger.RowHidden(_options.Table, user);
            }
        }
        catch (Exception exception) when (exception is SupabaseException or ObjectDisposedException)
        {
            // A failure is ignored: the user's own read has completed, and the check is repeated later unless the host is stopping.
        }
    }

    private bool IsDue()
    {
        lock (_gate)
        {
            if (IsWithin(CheckInterval, _lastCheck) || IsWithin(WarningInterval, _lastWarning))
            {
                return false;
            }

            _lastCheck = time.GetTimestamp();
            return true;
        }
    }

    private bool IsWithin(TimeSpan interval, long? since) => since is { } then && time.GetElapsedTime(then) < interval;
}
