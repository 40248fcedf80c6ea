using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Diagnostics.Internal;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>
/// Tells the operator when row-level security hides a user's row, which PostgREST answers like no row at all. With the secret key, where
/// there is one, and seldom: it is a hint and changes nothing that a user is told. Thread-safe.
/// </summary>
internal sealed class HiddenRows(Postgrest rest, IOptions<SupabaseOptions> options, TimeProvider time, ILogger<HiddenRows> logger)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(10);

    private readonly SupabaseOptions _options = options.Value;
    private readonly Lock _gate = new();
    private long? _lastLook;
    private long? _lastWarning;

    /// <summary>Looks whether the row is there for the server, unless somebody looked lately. Nobody waits for it.</summary>
    public void Look(UserId user, string query)
    {
        if (!string.IsNullOrEmpty(_options.SecretKey) && TakeTurn())
        {
            _ = LookAsync(user, query);
        }
    }

    private async Task LookAsync(UserId user, string query)
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
            // The user's own question was answered; this one comes again, or the host is ending.
        }
    }

    private bool TakeTurn()
    {
        lock (_gate)
        {
            if (IsWithin(BetweenLooks, _lastLook) || IsWithin(BetweenWarnings, _lastWarning))
            {
                return false;
            }

            _lastLook = time.GetTimestamp();
            return true;
        }
    }

    private bool IsWithin(TimeSpan interval, long? since) => since is { } then && time.GetElapsedTime(then) < interval;
}
