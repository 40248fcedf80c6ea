using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Diagnostics.Internal;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>Reads the balance from the host's existing table. Writes nothing and has no versions.</summary>
internal sealed class TableCreditReader(
    Postgrest rest,
    HiddenRows hidden,
    IOptions<SupabaseOptions> options,
    TimeProvider time,
    ILogger<TableCreditReader> logger) : ICreditReader
{
    private readonly SupabaseOptions _options = options.Value;

    public async ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (CredentialSource.Find(session) is not { } credential)
        {
            return CreditReadResult.Unauthenticated;
        }

        // Requests two rows, because two balances of one user are an error.
        var query = $"select={_options.CreditsColumn}&{_options.UserIdColumn}=eq.{Uri.EscapeDataString(session.User.Value)}&limit=2";

        var asServer = _options.ReadAs == SupabaseReadAs.Server || credential.IsServer;

        // The table has no clock. The time before the request is used, because a slow response may contain an older value than the time of
        // its arrival suggests.
        var asOf = time.GetUtcNow();
        try
        {
            var rows = await rest.SelectAsync(
                _options.Table,
                query,
                LedgerJson.Default.ListDictionaryStringJsonElement,
                asServer ? SupabaseCredential.Server : credential,
                cancellationToken).ConfigureAwait(false);
            if (rows.Count == 0 && !asServer)
            {
                hidden.Check(session.User, query);
            }

            return rows switch
            {
                [] => CreditReadResult.NotFound,
                [var row] when TableBalance.TryRead(
                    row, _options.CreditsColumn, out var credits) => CreditReadResult.Current(new CreditBalance(credits, asOf)),
                [_] => Unusable("null_or_out_of_range"),
                _ => Unusable("several_rows"),
            };
        }
        catch (SupabaseException exception) when (exception.Failure.Fault == SupabaseFault.TokenRejected)
        {
            return CreditReadResult.Unauthenticated;
        }
        catch (SupabaseException exception)
        {
            if (!exception.IsTransient)
            {
                logger.ReadRejected(_options.Table, exception.Failure);
            }

            throw exception.ToCreditStoreException();
        }

        CreditReadResult Unusable(string reason)
        {
            logger.RowUnusable(_options.Table, session.User, reason);
            throw SupabaseException.Create(new SupabaseFailure(SupabaseFault.Invalid, reason)).ToCreditStoreException();
        }
    }
}
