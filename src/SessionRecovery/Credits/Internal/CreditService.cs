using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>Decides whether a read returns the cached balance or waits for a load. Concurrent callers share one load.</summary>
internal sealed class CreditService(
    CreditCache cache,
    CreditLoader loader,
    AccountInitializer accounts,
    CreditMetrics metrics) : ICreditService
{
    // The maximum number of rounds of one read. A new round begins if an invalidation replaces the slot during the read.
    private const int MaxRounds = 5;

    public ValueTask<CreditReadResult> ReadAsync(
        UserSession session, CreditReadOptions options = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!options.Refresh
            && cache.TryFind(session, out var slot)
            && slot.Entry is { } entry
            && cache.IsFresh(entry)
            && options.VersionToken.Allows(session, entry.Balance))
        {
            cache.MarkActive(slot);
            metrics.CreditRead(CreditReadStatus.Current, fromCache: true);
            return new(CreditReadResult.Current(entry.Balance));
        }

        return LoadAsync(session, options, cancellationToken);
    }

    public ValueTask<CreditReadResult> RefreshAsync(UserSession session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        Invalidate(session.User);
        return LoadAsync(session, new CreditReadOptions { Refresh = true }, cancellationToken);
    }

    public void Invalidate(UserId user)
    {
        cache.Invalidate(user);
        loader.Expedite(user);
    }

    public void Forget(UserId user)
    {
        cache.Forget(user);
        loader.Forget(user);
    }

    private async ValueTask<CreditReadResult> LoadAsync(UserSession session, CreditReadOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var read = new Read(session, options, loader.NextPosition(), cache.Now);
        CreditReadResult? result = null;
        for (var round = 0; round < MaxRounds && result is null; round++)
        {
            result = await TryReadAsync(read, isFirstRound: round == 0, cancellationToken).ConfigureAwait(false);
        }

        var returned = result ?? GetLastKnown(read);
        metrics.CreditRead(returned.Status, fromCache: false);
        return returned;
    }

    /// <summary>
    /// Runs one round of a read. Returns <see langword="null"/> if the caller cannot use the result of the load and another round is
    /// needed.
    /// </summary>
    private async ValueTask<CreditReadResult?> TryReadAsync(Read read, bool isFirstRound, CancellationToken cancellationToken)
    {
        var (session, options) = (read.Session, read.Options);
        var slot = cache.GetSlot(session);
        cache.MarkActive(slot);
        var entry = slot.Entry;
        var isAllowed = entry is null || options.VersionToken.Allows(session, entry.Balance);

        // A read with Refresh requires a balance from a load that began after the caller arrived.
        if (entry is not null && isAllowed && (!options.Refresh || entry.LoadStarted > read.ArrivedAt) && cache.IsFresh(entry))
        {
            return CreditReadResult.Current(entry.Balance);
        }

        var needsLaterLoad = options.Refresh || !isAllowed;

        // A client with a version token has seen a balance, so the user has an account. A recent load that found no account is therefore
        // not reused for this client.
        if (!needsLaterLoad && options.VersionToken == default && loader.WasNotFound(slot))
        {
            return await ConcludeAsync(slot, CreditReadResult.NotFound, read, retryInitialization: false, cancellationToken)
                .ConfigureAwait(false);
        }

        var startedAfter = needsLaterLoad ? read.Arrival : 0;
        var load = loader.Load(session, slot, startedAfter, read.OwnTokenOnly);
        var loaded = await load.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (load.IsVoid || load.StartedAt <= startedAfter)
        {
            // The caller cannot use the result of the load. The user signed out during the load, or the load began before the caller
            // arrived.
            return null;
        }

        if (loaded.Result.Status == CreditReadStatus.Unauthenticated && !Equals(((CreditLoadTag)load.Tag!).Token, session.Token))
        {
            // The store rejected the access token of another device. The caller's own token may still be valid, so the next round uses it.
            read.OwnTokenOnly = true;
            return null;
        }

        if (isFirstRound && !needsLaterLoad && !cache.IsCurrent(session, loaded.Slot))
        {
            // The slot was invalidated during the load, so the next round may find a later balance. A refresh accepts this balance, because
            // the load began after the refresh. Without this rule, concurrent refreshes could invalidate each other's loads forever.
            return null;
        }

        return await ConcludeAsync(loaded.Slot, loaded.Result, read, retryInitialization: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the slot's balance as stale, because the caller could not use the result of any load.</summary>
    private CreditReadResult GetLastKnown(Read read) =>
        cache.GetSlot(read.Session).Entry is { } entry && read.Options.VersionToken.Allows(read.Session, entry.Balance)
            ? cache.ToStale(entry)
            : CreditReadResult.Unavailable;

    private async ValueTask<CreditReadResult> ConcludeAsync(
        CreditSlot slot, CreditReadResult loaded, Read read, bool retryInitialization, CancellationToken cancellationToken)
    {
        if (loaded.Status == CreditReadStatus.NotFound && read.Options.AllowAccountCreation && accounts.MayInitialize(read.Session))
        {
            loaded = await accounts.InitializeAsync(slot, read.Session.User, retryInitialization).WaitAsync(cancellationToken)
                .ConfigureAwait(false);
        }

        return ToResult(slot, loaded, read);
    }

    /// <summary>
    /// Returns the slot's balance, which may be later than the loaded balance. Returns no balance that is older than the client's version
    /// token.
    /// </summary>
    private CreditReadResult ToResult(CreditSlot slot, CreditReadResult loaded, Read read)
    {
        if (loaded.Status == CreditReadStatus.Unauthenticated || (loaded.Status == CreditReadStatus.NotFound && slot.Entry is null))
        {
            return loaded;
        }

        if (slot.Entry is not { } entry || !read.Options.VersionToken.Allows(read.Session, entry.Balance))
        {
            return CreditReadResult.Unavailable with { Reason = loaded.Reason };
        }

        var isCurrent = loaded.HasBalance && (ReferenceEquals(entry.Balance, loaded.Balance) || cache.IsFresh(entry));
        return isCurrent ? CreditReadResult.Current(entry.Balance) : cache.ToStale(entry) with { Reason = loaded.Reason };
    }

    /// <summary>Represents the read of one caller, which may take several rounds.</summary>
    private sealed class Read(UserSession session, CreditReadOptions options, long arrival, long arrivedAt)
    {
        public UserSession Session { get; } = session;

        public CreditReadOptions Options { get; } = options;

        /// <summary>Gets the caller's number in the sequence of arrivals and load starts.</summary>
        public long Arrival { get; } = arrival;

        /// <summary>Gets the timestamp at which the caller arrived.</summary>
        public long ArrivedAt { get; } = arrivedAt;

        public bool OwnTokenOnly { get; set; }
    }
}
