using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Diagnostics.Internal;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>
/// Reads balances from the host's existing table. The reader never writes to the table, and its balances have no version.
/// </summary>
internal sealed class TableCreditReader(
    Postgrest rest,
    HiddenRows hidden,
    CredentialSource credentials,
    IOptions<SupabaseOptions> options,
    TimeProvider time,
    ILogger<TableCreditReader> logger) : ICreditReader
{
    private readonly SupabaseOptions _options = options.Value;

    public async ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (credentials.Find(session) is not { } credential)
        {
            return CreditReadResult.Unauthenticated;
        }

        try
        {
            return await ReadAsync(session.User, credential, cancellationToken).ConfigureAwait(false);
        }
        catch (SupabaseException exception) when (exception.Failure.Fault == SupabaseFault.TokenRejected)
        {
            return credentials.MayReadAsServer(session)
                ? await ReadAsync(UserSession.AsServer(session.User), cancellationToken).ConfigureAwait(false)
                : CreditReadResult.Unauthenticated;
        }
        catch (SupabaseException exception)
        {
            if (!exception.IsTransient || FailureHints.IsSetupMistake(exception.Failure.Code))
            {
                logger.ReadRejected(_options.Table, exception.Failure);
            }

            throw exception.ToCreditStoreException();
        }
    }

    private async Task<CreditReadResult> ReadAsync(UserId user, SupabaseCredential credential, CancellationToken cancellationToken)
    {
        // Two rows for one user are an error. The query requests up to two rows, so that this error is detected.
        var query = $"select={_options.CreditsColumn}&{_options.UserIdColumn}=eq.{Uri.EscapeDataString(user.Value)}&limit=2";
        var asServer = _options.ReadAs == SupabaseReadAs.Server || credential.IsServer;

        // The row does not contain the time at which the database read it, so the time before the request is used. If the time after the
        // response were used, an old value in a slow response would appear newer than it is.
        var asOf = time.GetUtcNow();
        var rows = await rest.SelectAsync(
            _options.Table,
            query,
            LedgerJson.Default.ListDictionaryStringJsonElement,
            asServer ? SupabaseCredential.Server : credential,
            cancellationToken).ConfigureAwait(false);
        if (rows.Count == 0 && !asServer)
        {
            hidden.Check(user, query);
        }

        return rows switch
        {
            [] => CreditReadResult.NotFound,
            [var row] when TableBalance.TryRead(row, _options.CreditsColumn, out var credits) =>
                CreditReadResult.Current(new CreditBalance(credits, asOf)),
            [_] => throw Unusable(user, "null_or_out_of_range"),
            _ => throw Unusable(user, "several_rows"),
        };
    }

    private CreditStoreException Unusable(UserId user, string reason)
    {
        logger.RowUnusable(_options.Table, user, reason);
        return SupabaseException.Create(new SupabaseFailure(SupabaseFault.Invalid, reason)).ToCreditStoreException();
    }
}
