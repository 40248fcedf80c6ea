using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Sends each call as a command to the store. If a command needs an account and the user has no account, the ledger creates the account
/// first. The ledger creates no account if the host has set a predicate that decides which sessions receive an account.
/// </summary>
internal sealed class CreditLedger(
    CreditCommandSender sender, ResilientCreditStore store, IOptions<CreditOptions> options) : ICreditLedger
{
    private readonly bool _initializesAccounts = options.Value.InitializeAccount is null;

    public ValueTask<CreditCommandResult> InitializeAsync(UserId user, CancellationToken cancellationToken = default) =>
        sender.SendAsync(new CreditCommand.Initialize(user), cancellationToken);

    public ValueTask<CreditCommandResult> ConsumeAsync(
        UserId user, long amount, IdempotencyKey key, string? reason = null, CancellationToken cancellationToken = default) =>
        SendWithAccountAsync(new CreditCommand.Consume(user, amount, key, reason), cancellationToken);

    public async ValueTask<CreditReservationResult> ReserveAsync(
        UserId user,
        long amount,
        IdempotencyKey key,
        CreditReservationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new CreditReservationOptions();
        var command = new CreditCommand.Reserve(user, amount, key, options.Lifetime, options.Fingerprint, options.LeaseOwner);
        var result = await SendWithAccountAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.Status != CreditCommandStatus.Done)
        {
            return new CreditReservationResult(result, reservation: null);
        }

        return new CreditReservationResult(result, CreateReservation(user, amount, result, options.KeepOnDispose));
    }

    public ValueTask<IReadOnlyList<OpenCreditReservation>> GetOpenReservationsAsync(
        UserId? user = null,
        OpenCreditReservation? after = null,
        int limit = OpenCreditReservation.DefaultLimit,
        CancellationToken cancellationToken = default)
    {
        _ = user?.Value;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, OpenCreditReservation.MaxLimit);
        return store.ListOpenReservationsAsync(user, after, limit, cancellationToken);
    }

    public async ValueTask<CreditReservationResult> ClaimAsync(
        OpenCreditReservation reservation, TimeSpan lifetime, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        var command = new CreditCommand.Claim(reservation.User, reservation.Id, reservation.Attempt, lifetime);
        var result = await sender.SendAsync(command, cancellationToken).ConfigureAwait(false);
        return new CreditReservationResult(
            result,
            result.Status == CreditCommandStatus.Done
                ? CreateReservation(reservation.User, reservation.Amount, result, keepsOnDispose: true)
                : null);
    }

    public ValueTask<CreditCommandResult> GrantAsync(
        UserId user, long amount, IdempotencyKey key, string? reason = null, CancellationToken cancellationToken = default) =>
        sender.SendAsync(new CreditCommand.Grant(user, amount, key, reason), cancellationToken);

    public ValueTask<CreditCommandResult> RefundAsync(
        UserId user,
        long entryId,
        long? amount,
        IdempotencyKey key,
        string? reason = null,
        CancellationToken cancellationToken = default) =>
        sender.SendAsync(new CreditCommand.Refund(user, entryId, amount, key, reason), cancellationToken);

    public ValueTask<CreditCommandResult> AdjustAsync(
        UserId user, long amount, IdempotencyKey key, string actor, string reason, CancellationToken cancellationToken = default) =>
        sender.SendAsync(new CreditCommand.Adjust(user, amount, key, actor, reason), cancellationToken);

    public ValueTask<CreditHistoryPage> GetHistoryAsync(
        UserId user,
        long? before = null,
        int limit = CreditHistoryPage.DefaultLimit,
        CancellationToken cancellationToken = default)
    {
        _ = user.Value;
        ArgumentOutOfRangeException.ThrowIfLessThan(before ?? 1, 1, nameof(before));
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, CreditHistoryPage.MaxLimit);
        return store.ReadHistoryAsync(user, before, limit, cancellationToken);
    }

    private CreditReservation CreateReservation(UserId user, long amount, CreditCommandResult result, bool keepsOnDispose)
    {
        var id = result.ReservationId
            ?? throw new InvalidOperationException("The credit store reported a reservation without its identifier.");
        return new CreditReservation(sender, user, amount, id, result.Attempt) { KeepsOnDispose = keepsOnDispose };
    }

    private async ValueTask<CreditCommandResult> SendWithAccountAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        var result = await sender.SendAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.Status != CreditCommandStatus.NotInitialized || !_initializesAccounts)
        {
            return result;
        }

        var created = await sender.SendAsync(new CreditCommand.Initialize(command.User), cancellationToken).ConfigureAwait(false);
        return created.Status switch
        {
            CreditCommandStatus.Done => await sender.SendAsync(command, cancellationToken).ConfigureAwait(false),

            // The account could not be created because of a failure, so the result must not report that the user has no account.
            CreditCommandStatus.Busy or CreditCommandStatus.Unknown => created,
            _ => result,
        };
    }
}
