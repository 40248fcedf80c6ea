using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>Decides what a caller receives: the cached value, or the result of a load that all callers share.</summary>
internal sealed class CreditService(
    CreditCache cache,
    CreditLoader loader,
    AccountInitializer accounts,
    CreditMetrics metrics) : ICreditService
{
    // The maximum number of rounds of one read, if invalidations repeatedly replace the slot while it waits.
    private const int MaxRounds = 5;

    public ValueTask<CreditReadResult> ReadAsync(
        UserSession session, CreditReadOptions options = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!options.Refresh
            && cache.TryFind(session.User, out var slot)
            && slot.Entry is { } entry
            && cache.IsFresh(entry)
            && options.VersionToken.Allows(session.User, entry.Balance))
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
    /// Performs one round. Returns <see langword="null"/> when the round's load cannot serve this caller and another round is due.
    /// </summary>
    private async ValueTask<CreditReadResult?> TryReadAsync(Read read, bool isFirstRound, CancellationToken cancellationToken)
    {
        var (session, options) = (read.Session, read.Options);
        var slot = cache.GetSlot(session.User);
        cache.MarkActive(slot);
        var entry = slot.Entry;
        var isAllowed = entry is null || options.VersionToken.Allows(session.User, entry.Balance);

        // A refresh requires a value from a load that began after its arrival.
        if (entry is not null && isAllowed && (!options.Refresh || entry.LoadStarted > read.ArrivedAt) && cache.IsFresh(entry))
        {
            return CreditReadResult.Current(entry.Balance);
        }

        var needsLaterLoad = options.Refresh || !isAllowed;

        // The result of a recent load without an account is not reused for a client with a version token, because such a client has an
        // account.
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
            // The load cannot serve this caller: the user signed out during it, or it began before the caller arrived.
            return null;
        }

        if (loaded.Result.Status == CreditReadStatus.Unauthenticated && !Equals(load.Tag, session.Token))
        {
            // The store rejected the token of another device. This caller's token may still be valid, so the next round uses it.
            read.OwnTokenOnly = true;
            return null;
        }

        if (isFirstRound && !needsLaterLoad && !cache.IsCurrent(session.User, loaded.Slot))
        {
            // The slot was invalidated during the load, so the next round may find a later value. A refresh accepts this value, because it
            // is later than the refresh. Otherwise callers that refresh at the same time could repeat each other's loads forever.
            return null;
        }

        return await ConcludeAsync(loaded.Slot, loaded.Result, read, retryInitialization: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the slot's value as stale when no load could serve the caller.</summary>
    private CreditReadResult GetLastKnown(Read read) =>
        cache.GetSlot(read.Session.User).Entry is { } entry && read.Options.VersionToken.Allows(read.Session.User, entry.Balance)
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
    /// Returns the slot's value, which may be later than the loaded one, unless it is older than the client's version token.
    /// </summary>
    private CreditReadResult ToResult(CreditSlot slot, CreditReadResult loaded, Read read)
    {
        if (loaded.Status == CreditReadStatus.Unauthenticated || (loaded.Status == CreditReadStatus.NotFound && slot.Entry is null))
        {
            return loaded;
        }

        if (slot.Entry is not { } entry || !read.Options.VersionToken.Allows(read.Session.User, entry.Balance))
        {
            return CreditReadResult.Unavailable;
        }

        var isCurrent = loaded.HasBalance && (ReferenceEquals(entry.Balance, loaded.Balance) || cache.IsFresh(entry));
        return isCurrent ? CreditReadResult.Current(entry.Balance) : cache.ToStale(entry);
    }

    /// <summary>One caller's read across its rounds.</summary>
    private sealed class Read(UserSession session, CreditReadOptions options, long arrival, long arrivedAt)
    {
        public UserSession Session { get; } = session;

        public CreditReadOptions Options { get; } = options;

        /// <summary>Gets the position in the order of arrivals and load starts.</summary>
        public long Arrival { get; } = arrival;

        /// <summary>Gets the timestamp of the arrival.</summary>
        public long ArrivedAt { get; } = arrivedAt;

        public bool OwnTokenOnly { get; set; }
    }
}
