using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Credits.Internal;
using SessionRecovery.Supabase.Diagnostics.Internal;
using SessionRecovery.Supabase.Http.Internal;
using SessionRecovery.Warming;

namespace SessionRecovery.Supabase.Warming.Internal;

/// <summary>
/// Reads the recently active users from the host's activity table, and their balances. The first request reads the latest rows. A user can
/// occur in several rows, because PostgREST does not support DISTINCT. The next requests read the balances of these users. If the host has
/// no secret key, the result is empty, because a user's token can read only the user's own rows.
/// </summary>
internal sealed class TableActiveUsers(
    Postgrest rest,
    IOptions<SupabaseOptions> options,
    TimeProvider time,
    ILogger<TableActiveUsers> logger) : IActiveUserSource
{
    // The maximum number of rows per response. Hosted Supabase projects silently truncate longer responses.
    private const int MaxRows = 1000;

    // The maximum length of a query string. PostgREST rejects a request whose request line and headers are longer than about 49 kB.
    private const int MaxQueryLength = 32 * 1024;

    private readonly SupabaseOptions _options = options.Value;

    public async ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(
        int limit, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        if (_options.ActivityTable.Length == 0)
        {
            return [];
        }

        if (string.IsNullOrEmpty(_options.SecretKey))
        {
            logger.ActivityUnread(_options.ActivityTable);
            return [];
        }

        var users = await ReadUsersAsync(Math.Min(limit, MaxRows), since, cancellationToken).ConfigureAwait(false);
        return users.Count == 0 ? [] : await ReadBalancesAsync(users, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<ActiveUser>?> GetUsersAsync(IReadOnlyList<UserId> users, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(users);
        return string.IsNullOrEmpty(_options.SecretKey)
            ? null
            : await ReadBalancesAsync([.. users.Select(static user => user.Value)], cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<string>> ReadUsersAsync(int limit, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var (user, time) = (_options.ActivityUserIdColumn, _options.ActivityTimeColumn);
        var query = string.Create(
            CultureInfo.InvariantCulture,
            $"select={user}&{time}=gte.{since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff}Z&{user}=not.is.null&order={time}.desc"
            + $"&limit={MaxRows}");
        var rows = await ReadAsync(_options.ActivityTable, query, cancellationToken).ConfigureAwait(false);
        return rows.Select(row => GetText(row, user)).OfType<string>().Distinct(StringComparer.Ordinal).Take(limit).ToList();
    }

    private async Task<IReadOnlyList<ActiveUser>> ReadBalancesAsync(List<string> users, CancellationToken cancellationToken)
    {
        var found = new List<ActiveUser>();
        foreach (var (part, list) in Split(users))
        {
            found.AddRange(await ReadPartAsync(part, list, cancellationToken).ConfigureAwait(false));
        }

        return found;
    }

    private async Task<IEnumerable<ActiveUser>> ReadPartAsync(List<string> users, string list, CancellationToken cancellationToken)
    {
        var asOf = time.GetUtcNow();
        var rows = await ReadAsync(
            _options.Table,
            $"select={_options.UserIdColumn},{_options.CreditsColumn}&{_options.UserIdColumn}=in.({list})",
            cancellationToken).ConfigureAwait(false);
        var found = new Dictionary<string, ActiveUser>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (UserId.TryParse(GetText(row, _options.UserIdColumn), null, out var user)
                && TableBalance.TryRead(row, _options.CreditsColumn, out var credits)
                && !found.TryAdd(user.Value, new ActiveUser { User = user, Balance = new CreditBalance(credits, asOf) }))
            {
                // If the table contains two rows for a user, neither row is used, because the correct balance is unknown.
                found.Remove(user.Value);
                users.Remove(user.Value);
            }
        }

        return users.Where(found.ContainsKey).Select(user => found[user]);
    }

    private async Task<List<Dictionary<string, JsonElement>>> ReadAsync(string table, string query, CancellationToken cancellationToken)
    {
        try
        {
            return await rest.SelectAsync(
                table,
                query,
                LedgerJson.Default.ListDictionaryStringJsonElement,
                SupabaseCredential.Server,
                cancellationToken).ConfigureAwait(false);
        }
        catch (SupabaseException exception) when (!exception.IsTransient)
        {
            if (table == _options.ActivityTable && exception.Failure.Fault == SupabaseFault.NotDefined)
            {
                logger.ActivityMissing(table, _options.ActivityUserIdColumn, _options.ActivityTimeColumn, exception.Failure.Code);
            }
            else
            {
                logger.ReadRejected(table, exception.Failure);
            }

            throw;
        }
    }

    // Splits the users into parts, and returns for each part a list of user ids for one request.
    private static IEnumerable<(List<string> Users, string List)> Split(List<string> users)
    {
        var part = new List<string>();
        var list = new StringBuilder();
        foreach (var user in users)
        {
            var quoted = Uri.EscapeDataString(
                $"\"{user.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
            if (list.Length > 0 && (part.Count == MaxRows || list.Length + quoted.Length >= MaxQueryLength))
            {
                yield return (part, list.ToString());
                part = [];
                list.Clear();
            }

            part.Add(user);
            list.Append(list.Length == 0 ? string.Empty : ",").Append(quoted);
        }

        if (part.Count > 0)
        {
            yield return (part, list.ToString());
        }
    }

    private static string? GetText(Dictionary<string, JsonElement> row, string column) => row.TryGetValue(column, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        }
        : null;
}
