using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Diagnostics.Internal;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>
/// Logs a warning if row-level security hides a user's row. PostgREST returns the same response for a hidden row as for a missing row, so
/// the class reads the row again with the secret key. This check runs at most once per interval, and does not affect the result of the
/// user's read. The class is thread-safe.
/// </summary>
internal sealed class HiddenRows(Postgrest rest, IOptions<SupabaseOptions> options, TimeProvider time, ILogger<HiddenRows> logger)
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WarningInterval = TimeSpan.FromMinutes(10);

    private readonly SupabaseOptions _options = options.Value;
    private readonly Lock _gate = new();
    private long? _lastCheck;
    private long? _lastWarning;

    /// <summary>Checks in the background whether the user's row can be read with the secret key, unless a check ran recently.</summary>
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
            // The exception is ignored, because the balance read of the user has already completed. A later read repeats the check.
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
