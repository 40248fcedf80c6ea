using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Diagnostics.Internal;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>
/// Stores the credit ledger in the database of the Supabase project. Balances are read with the user's own access token. Commands use the
/// secret key and the user id of the verified principal. The database executes every command under a lock on the user's row.
/// </summary>
internal sealed class SupabaseCreditStore(
    LedgerFunctions ledger,
    CredentialSource credentials,
    StoreClock clock,
    IOptions<SupabaseOptions> options,
    ILogger<SupabaseCreditStore> logger) : ICreditStore, ICreditStoreAudit, ICreditStoreHistory, ICreditStoreReservations
{
    private readonly SupabaseReadAs _readAs = options.Value.ReadAs;
    private int _isNotUuidReported;

    public async ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var account = GetAccount(session.User);
        if (credentials.Find(session) is not { } credential)
        {
            return CreditReadResult.Unauthenticated;
        }

        var asServer = credential.IsServer || _readAs == SupabaseReadAs.Server;
        var function = asServer ? "get_user_credits" : "get_my_credits";
        try
        {
            var sentAt = clock.Now;
            var response = asServer
                ? await ledger.CallAsync(
                    function,
                    new UserArguments(account),
                    LedgerJson.Default.UserArguments,
                    SupabaseCredential.Server,
                    cancellationToken).ConfigureAwait(false)
                : await ledger.CallAsync(function, credential, cancellationToken).ConfigureAwait(false);
            clock.Observe(sentAt, response.AsOf);
            return response switch
            {
                { Outcome: "ok" } when response.Balance() is { } balance => CreditReadResult.Current(balance),
                { Outcome: "not_initialized" } => CreditReadResult.NotFound,
                _ => throw SupabaseException.Unreadable(),
            };
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
                logger.FunctionRejected(function, exception.Failure);
            }

            throw exception.ToCreditStoreException();
        }
    }

    public async ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        var account = GetAccount(command.User);
        var call = LedgerCall.Create(command, account, clock.ToStore(command.Deadline));
        try
        {
            var response = await SendAsync(call, cancellationToken).ConfigureAwait(false);
            if (response.Outcome == LedgerResponse.DeadlinePassed && clock.Now <= command.Deadline)
            {
                // The deadline was computed with a wrong clock difference. The response contained the time of the database, so the
                // difference is now corrected.
                call = LedgerCall.Create(command, account, clock.ToStore(command.Deadline));
                response = await SendAsync(call, cancellationToken).ConfigureAwait(false);
            }

            return call.ToResult(response);
        }
        catch (SupabaseException exception) when (exception.Failure.Fault == SupabaseFault.Busy)
        {
            logger.CommandRolledBack(call.Function, exception.Failure.Code);
            return CreditCommandResult.Busy;
        }
        catch (SupabaseException exception)
        {
            var isNamed = !exception.IsTransient || FailureHints.IsSetupMistake(exception.Failure.Code);
            throw exception.ToCreditStoreException(isNamed ? DescribeRejection(call.Function, exception.Failure) : null);
        }
    }

    public async ValueTask<CreditHistoryPage> ReadHistoryAsync(
        UserId user, long? before, int limit, CancellationToken cancellationToken)
    {
        var arguments = new HistoryArguments(GetAccount(user), before, limit);
        return await ListAsync(
            "user_credit_history",
            arguments,
            LedgerJson.Default.HistoryArguments,
            static response => response.Entries is { } entries
                ? new CreditHistoryPage
                {
                    Entries = [.. entries.Select(static entry => entry.ToEntry())],
                    NextBefore = response.NextBeforeVersion,
                }
                : throw SupabaseException.Unreadable(),
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<OpenCreditReservation>> ListOpenReservationsAsync(
        UserId? user, OpenCreditReservation? after, int limit, CancellationToken cancellationToken)
    {
        Guid? account = user is { } only ? GetAccount(only) : null;
        return await ListAsync(
            "open_reservations",
            new OpenReservationsArguments(account, after?.ExpiresAt, after?.Id, limit),
            LedgerJson.Default.OpenReservationsArguments,
            static IReadOnlyList<OpenCreditReservation> (response) => response.Reservations is { } reservations
                ? [.. reservations.Select(static reservation => reservation.ToReservation())]
                : throw SupabaseException.Unreadable(),
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<string>> AuditAsync(CancellationToken cancellationToken)
    {
        var response = await ledger.CallAsync("credits_audit", SupabaseCredential.Server, cancellationToken).ConfigureAwait(false);
        return response.Faults ?? throw SupabaseException.Unreadable();
    }

    private async Task<TResult> ListAsync<TArguments, TResult>(
        string function,
        TArguments arguments,
        JsonTypeInfo<TArguments> type,
        Func<LedgerResponse, TResult> read,
        CancellationToken cancellationToken)
    {
        try
        {
            return read(await ledger.CallAsync(function, arguments, type, SupabaseCredential.Server, cancellationToken)
                .ConfigureAwait(false));
        }
        catch (SupabaseException exception)
        {
            var isNamed = !exception.IsTransient || FailureHints.IsSetupMistake(exception.Failure.Code);
            throw exception.ToCreditStoreException(isNamed ? DescribeRejection(function, exception.Failure) : null);
        }
    }

    private async Task<LedgerResponse> SendAsync(LedgerCall call, CancellationToken cancellationToken)
    {
        var sentAt = clock.Now;
        var response = await call.SendAsync(ledger, cancellationToken).ConfigureAwait(false);
        clock.Observe(sentAt, response.AsOf);
        return response;
    }

    // Creates the message of the exception. This method does not log the message, because ResilientCreditStore logs it.
    private static string DescribeRejection(string function, SupabaseFailure failure) =>
        $"Supabase rejected a call of {function} ({failure.Fault}, {failure.Code}). Hint: {FailureHints.GetForFunction(failure)}.";

    private Guid GetAccount(UserId user)
    {
        if (Guid.TryParseExact(user.Value, "D", out var account))
        {
            return account;
        }

        if (Interlocked.Exchange(ref _isNotUuidReported, 1) == 0)
        {
            logger.UserNotUuid(user);
        }

        throw new CreditStoreException("The user's id is not a UUID.", isTransient: false) { Reason = "user_id_not_uuid" };
    }
}
