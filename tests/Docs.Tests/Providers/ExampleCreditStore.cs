using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Warming;

namespace Docs.Tests.Providers;

/// <summary>
/// Contains the data of the example store. A real store keeps the data in tables, and its lock is a transaction that locks the user's row.
/// </summary>
internal sealed class ExampleData
{
    public Lock Gate { get; } = new();

    public Dictionary<string, ExampleAccount> Accounts { get; } = new(StringComparer.Ordinal);

    // The incarnation of the store, which is created together with the database. A restored database needs a new incarnation.
    public string Incarnation { get; } = Guid.NewGuid().ToString("N");

    // The id of the latest ledger entry of all users.
    public long LastEntryId { get; set; }
}

internal sealed record ExampleEntry(long Id, string Kind, long Amount, long HeldDelta)
{
    public string? Key { get; init; }

    // The reservation of a hold, a capture, a release or an expiry.
    public Guid? Reservation { get; init; }

    // The charge that a refund returns. A refund without an amount returns the rest of the charge.
    public long? RefersTo { get; init; }

    public bool IsRest { get; init; }

    public string? Actor { get; init; }

    public string? Reason { get; init; }

    // The balance after the entry, and the time of the entry.
    public long Balance { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class ExampleAccount
{
    // A user without an account may have reservations of the amount 0.
    public bool Exists => Version > 0;

    public long Credits { get; set; }

    public long Held { get; set; }

    public long Version { get; set; }

    public DateTimeOffset LastActivity { get; set; }

    public List<ExampleEntry> Ledger { get; } = [];

    public List<ExampleReservation> Reservations { get; } = [];
}

internal sealed class ExampleReservation
{
    public required Guid Id { get; init; }

    public required string Key { get; init; }

    public required long Amount { get; set; }

    public string? Fingerprint { get; init; }

    public Guid? LeaseOwner { get; set; }

    public int Attempt { get; set; }

    public string State { get; set; } = "held";

    public DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset CapturedAt { get; set; }

    public long Captured { get; set; }

    public StoredResponse? Response { get; set; }

    public bool IsOpen => State is "held" or "running";
}

/// <summary>A complete credit store in memory for one process. The store implements every rule of the contract.</summary>
internal sealed class ExampleCreditStore : ICreditStore, ICreditStoreAudit, ICreditStoreHistory, ICreditStoreReservations, IActiveUserSource
{
    private const long InitialCredits = 100;
    private static readonly TimeSpan BodyLifetime = TimeSpan.FromHours(24);

    private readonly ExampleData _data;
    private readonly TimeProvider _time;

    public ExampleCreditStore(ExampleData data, TimeProvider time)
    {
        _data = data;
        _time = time;

        // Only one process uses this store, so the requests of all earlier lease owners have ended. Omit this step if several processes
        // share the store.
        foreach (var account in data.Accounts.Values)
        {
            foreach (var reservation in account.Reservations.Where(static r => r is { IsOpen: true, LeaseOwner: not null }))
            {
                End(account, reservation, "released");
            }
        }
    }

    public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_data.Gate)
        {
            return new(Open(session.User) is { Exists: true } account
                ? CreditReadResult.Current(ToBalance(account))
                : CreditReadResult.NotFound);
        }
    }

    public ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_data.Gate)
        {
            // The sender no longer waits, and may already have repeated the command.
            if (_time.GetUtcNow() > command.Deadline)
            {
                return new(CreditCommandResult.Busy);
            }

            var account = Open(command.User);
            return new(command switch
            {
                CreditCommand.Initialize => Initialize(account),
                CreditCommand.Consume or CreditCommand.Reserve { Amount: > 0 } or CreditCommand.Refund or CreditCommand.Adjust
                    when !account.Exists => new CreditCommandResult(CreditCommandStatus.NotInitialized),
                CreditCommand.Consume consume => Consume(account, consume),
                CreditCommand.Grant grant => Grant(account, grant),
                CreditCommand.Refund refund => Refund(account, refund),
                CreditCommand.Adjust adjust => Adjust(account, adjust),
                CreditCommand.Reserve reserve => Reserve(account, reserve),
                CreditCommand.Renew renew =>
                    WithReservation(account, renew.ReservationId, renew.Attempt, r => Renew(account, r, renew.Lifetime)),
                CreditCommand.Claim claim =>
                    WithReservation(account, claim.ReservationId, claim.Attempt, r => Claim(account, r, claim.Lifetime)),
                CreditCommand.Capture capture =>
                    WithReservation(account, capture.ReservationId, capture.Attempt, r => Capture(account, r, null, capture.Response)),
                CreditCommand.Settle settle => WithReservation(
                    account, settle.ReservationId, settle.Attempt, r => Capture(account, r, settle.Amount, settle.Response)),
                CreditCommand.Release release =>
                    WithReservation(account, release.ReservationId, release.Attempt, r => Release(account, r)),
                _ => throw new NotSupportedException($"The command {command.GetType().Name} is not known."),
            });
        }
    }

    public ValueTask<CreditHistoryPage> ReadHistoryAsync(UserId user, long? before, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_data.Gate)
        {
            var account = Open(user);
            var entries = Enumerable.Range(1, account.Ledger.Count)
                .Reverse()
                .Where(version => before is null || version < before)
                .Take(limit)
                .Select(version => ToHistory(account, version))
                .ToList();
            return new(new CreditHistoryPage
            {
                Entries = entries,
                NextBefore = entries.Count == limit && entries[^1].Version > 1 ? entries[^1].Version : null,
            });
        }
    }

    public ValueTask<IReadOnlyList<OpenCreditReservation>> ListOpenReservationsAsync(
        UserId? user, OpenCreditReservation? after, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_data.Gate)
        {
            return new(_data.Accounts
                .Where(pair => user is null || pair.Key == user.Value.Value)
                .SelectMany(static pair => pair.Value.Reservations.Select(reservation => ToOpen(pair.Key, reservation)))
                .OfType<OpenCreditReservation>()
                .Where(open => open.ExpiresAt > _time.GetUtcNow() && open.Key.RequestHeader is null)
                .OrderBy(static open => open.ExpiresAt).ThenBy(static open => open.Id)
                .Where(open => after is null || (open.ExpiresAt, open.Id).CompareTo((after.ExpiresAt, after.Id)) > 0)
                .Take(limit)
                .ToList());
        }
    }

    public ValueTask<IReadOnlyList<string>> AuditAsync(CancellationToken cancellationToken)
    {
        lock (_data.Gate)
        {
            return new(_data.Accounts
                .Where(static pair => !IsConsistent(pair.Value))
                .Select(static pair => $"An account is inconsistent: {pair.Key}.")
                .ToList());
        }
    }

    public ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(int limit, DateTimeOffset since, CancellationToken cancellationToken)
    {
        lock (_data.Gate)
        {
            return new(_data.Accounts
                .Where(pair => pair.Value.Exists && pair.Value.LastActivity >= since)
                .OrderByDescending(static pair => pair.Value.LastActivity)
                .Take(limit)
                .Select(pair => UserId.Create(pair.Key))
                .Select(user => new ActiveUser { User = user, Balance = ToBalance(Open(user)) })
                .ToList());
        }
    }

    private static CreditHistoryEntry ToHistory(ExampleAccount account, int version)
    {
        // Only effects have a key in the ledger. The entries of a reservation have the key of the reservation.
        var entry = account.Ledger[version - 1];
        var key = entry.Key ?? account.Reservations.Find(r => r.Id == entry.Reservation)?.Key;
        return new CreditHistoryEntry
        {
            Id = entry.Id,
            Version = version,
            Kind = entry.Kind == "hold" ? CreditEntryKind.Reserve : Enum.Parse<CreditEntryKind>(entry.Kind, ignoreCase: true),
            Amount = entry.Amount,
            HeldDelta = entry.HeldDelta,
            Balance = entry.Balance,
            CreatedAt = entry.CreatedAt,
            Key = key is null ? null : IdempotencyKey.FromStore(key),
            ReservationId = entry.Reservation,
            RefersTo = entry.RefersTo,
            Actor = entry.Actor,
            Reason = entry.Reason,
        };
    }

    private static OpenCreditReservation? ToOpen(string user, ExampleReservation reservation) => reservation.State != "held"
        ? null
        : new OpenCreditReservation
        {
            Id = reservation.Id,
            User = UserId.Create(user),
            Key = IdempotencyKey.FromStore(reservation.Key),
            Attempt = reservation.Attempt,
            Amount = reservation.Amount,
            ExpiresAt = reservation.ExpiresAt,
            LeaseOwner = reservation.LeaseOwner,
        };

    private static bool IsConsistent(ExampleAccount account) =>
        account.Credits == account.Ledger.Sum(static entry => entry.Amount)
        && account.Held == account.Ledger.Sum(static entry => entry.HeldDelta)
        && account.Held == account.Reservations.Where(static r => r.State == "held").Sum(static r => r.Amount)
        && account.Version == account.Ledger.Count
        && account.Ledger.TrueForAll(entry => entry.Kind is not ("consume" or "capture") || GetRefundable(account, entry) >= 0)
        && account.Held >= 0
        && Available(account) >= 0;

    private static long Available(ExampleAccount account) => account.Credits - account.Held;

    private static bool Covers(ExampleAccount account, long amount) => amount == 0 || Available(account) >= amount;

    /// <summary>Returns the part of a charge that was not refunded yet.</summary>
    private static long GetRefundable(ExampleAccount account, ExampleEntry charge) =>
        -charge.Amount - account.Ledger.Where(entry => entry.Kind == "refund" && entry.RefersTo == charge.Id).Sum(entry => entry.Amount);

    private static bool HasRoom(ExampleAccount account, long amount) => account.Credits <= CreditCommand.MaxAmount - amount;

    /// <summary>Opens a reservation. The amount 0 holds nothing and adds no ledger entry.</summary>
    private void Hold(ExampleAccount account, ExampleReservation reservation)
    {
        reservation.State = reservation.Amount > 0 ? "held" : "running";
        if (reservation.Amount > 0)
        {
            Append(account, new ExampleEntry(0, "hold", 0, reservation.Amount) { Reservation = reservation.Id });
        }
    }

    /// <summary>Changes a balance, with one ledger entry and one version per change. No other code changes balances.</summary>
    private ExampleEntry Append(ExampleAccount account, ExampleEntry entry)
    {
        entry = entry with { Id = ++_data.LastEntryId, Balance = account.Credits + entry.Amount, CreatedAt = _time.GetUtcNow() };
        account.Ledger.Add(entry);
        account.Credits += entry.Amount;
        account.Held += entry.HeldDelta;
        account.Version++;
        return entry;
    }

    /// <summary>Ends an open reservation and returns its credits to the user.</summary>
    private void End(ExampleAccount account, ExampleReservation reservation, string state)
    {
        if (reservation.State == "held")
        {
            var kind = state == "released" ? "release" : "expire";
            Append(account, new ExampleEntry(0, kind, 0, -reservation.Amount) { Reservation = reservation.Id });
        }

        reservation.State = state;
    }

    /// <summary>Returns the account with its due reservations expired, so that every read and command sees the same balance.</summary>
    private ExampleAccount Open(UserId user)
    {
        if (!_data.Accounts.TryGetValue(user.Value, out var account))
        {
            _data.Accounts.Add(user.Value, account = new ExampleAccount());
        }

        foreach (var reservation in account.Reservations.Where(r => r.IsOpen && r.ExpiresAt <= _time.GetUtcNow()))
        {
            End(account, reservation, "expired");
        }

        return account;
    }

    private CreditBalance ToBalance(ExampleAccount account)
    {
        var now = _time.GetUtcNow();
        var open = account.Reservations.Where(static r => r.State == "held").Select(r => r.ExpiresAt - now).ToList();
        TimeSpan? nextExpiry = open.Count == 0 ? null : open.Min();
        return new CreditBalance(Available(account), now, account.Held, account.Version, _data.Incarnation, nextExpiry);
    }

    private CreditCommandResult ToResult(ExampleAccount account, CreditCommandStatus status) =>
        new(status, account.Exists ? ToBalance(account) : null);

    private CreditCommandResult ToResult(ExampleAccount account, CreditCommandStatus status, ExampleReservation reservation) =>
        ToResult(account, status) with
        {
            ReservationId = reservation.Id,
            Attempt = reservation.Attempt,
            EntryId = account.Ledger.Find(entry => entry.Kind == "capture" && entry.Reservation == reservation.Id)?.Id,
        };

    private CreditCommandResult Initialize(ExampleAccount account)
    {
        if (account.Exists)
        {
            return ToResult(account, CreditCommandStatus.Done) with { Replayed = true };
        }

        account.LastActivity = _time.GetUtcNow();
        Append(account, new ExampleEntry(0, "init", InitialCredits, 0));
        return ToResult(account, CreditCommandStatus.Done) with { Created = true };
    }

    private CreditCommandResult Consume(ExampleAccount account, CreditCommand.Consume command)
    {
        var charge = new ExampleEntry(0, "consume", -command.Amount, 0) { Key = command.Key.Value, Reason = command.Reason };
        if (FindUse(account, charge) is { } used)
        {
            return used;
        }

        if (!Covers(account, command.Amount))
        {
            return ToResult(account, CreditCommandStatus.Insufficient) with { Required = command.Amount };
        }

        account.LastActivity = _time.GetUtcNow();
        return Apply(account, charge);
    }

    /// <summary>A purchase must not be lost, so a grant also creates the account of a user who has not signed in yet.</summary>
    private CreditCommandResult Grant(ExampleAccount account, CreditCommand.Grant command)
    {
        var grant = new ExampleEntry(0, "grant", command.Amount, 0) { Key = command.Key.Value, Reason = command.Reason };
        if (FindUse(account, grant) is { } used)
        {
            return used;
        }

        var created = !account.Exists;
        if (!HasRoom(account, created ? command.Amount + InitialCredits : command.Amount))
        {
            return ToResult(account, CreditCommandStatus.ExceedsLimit);
        }

        if (created)
        {
            Append(account, new ExampleEntry(0, "init", InitialCredits, 0));
        }

        return Apply(account, grant) with { Created = created };
    }

    private CreditCommandResult Refund(ExampleAccount account, CreditCommand.Refund command)
    {
        var charge = account.Ledger.Find(entry => entry.Id == command.EntryId && entry.Kind is "consume" or "capture");
        var refundable = charge is null ? 0 : GetRefundable(account, charge);
        var amount = command.Amount ?? refundable;
        var refund = new ExampleEntry(0, "refund", amount, 0)
        {
            Key = command.Key.Value,
            RefersTo = command.EntryId,
            IsRest = command.Amount is null,
            Reason = command.Reason,
        };
        if (FindUse(account, refund) is { } used)
        {
            return used;
        }

        if (charge is null)
        {
            return ToResult(account, CreditCommandStatus.EntryNotFound);
        }

        if (amount == 0 || amount > refundable)
        {
            return ToResult(account, CreditCommandStatus.ExceedsEntry) with { Refundable = refundable };
        }

        return HasRoom(account, amount) ? Apply(account, refund) : ToResult(account, CreditCommandStatus.ExceedsLimit);
    }

    private CreditCommandResult Adjust(ExampleAccount account, CreditCommand.Adjust command)
    {
        var adjustment = new ExampleEntry(0, "adjust", command.Amount, 0)
        {
            Key = command.Key.Value,
            Actor = command.Actor,
            Reason = command.Reason,
        };
        if (FindUse(account, adjustment) is { } used)
        {
            return used;
        }

        if (Available(account) < -command.Amount)
        {
            return ToResult(account, CreditCommandStatus.Insufficient) with { Required = -command.Amount };
        }

        return HasRoom(account, command.Amount) ? Apply(account, adjustment) : ToResult(account, CreditCommandStatus.ExceedsLimit);
    }

    /// <summary>Returns the result of a repeated command, or a conflict if the key was used by another command.</summary>
    private CreditCommandResult? FindUse(ExampleAccount account, ExampleEntry entry)
    {
        if (account.Reservations.Exists(r => r.Key == entry.Key))
        {
            return ToResult(account, CreditCommandStatus.KeyConflict);
        }

        // The amount of a refund without an amount depends on earlier refunds, so it is not compared. Reasons are not compared either.
        return account.Ledger.Find(used => used.Key == entry.Key) switch
        {
            null => null,
            var used when used.Kind == entry.Kind && (used.Amount == entry.Amount || used.IsRest) && used.IsRest == entry.IsRest
                && used.RefersTo == entry.RefersTo && used.Actor == entry.Actor =>
                ToResult(account, CreditCommandStatus.Done) with { EntryId = used.Id, Replayed = true },
            _ => ToResult(account, CreditCommandStatus.KeyConflict),
        };
    }

    private CreditCommandResult Apply(ExampleAccount account, ExampleEntry entry)
    {
        var id = Append(account, entry).Id;
        return ToResult(account, CreditCommandStatus.Done) with { EntryId = id };
    }

    private CreditCommandResult Reserve(ExampleAccount account, CreditCommand.Reserve command)
    {
        var key = command.Key.Value;
        var existing = account.Reservations.Find(r => r.Key == key);
        if (existing is null && account.Ledger.Exists(entry => entry.Key == key))
        {
            return ToResult(account, CreditCommandStatus.KeyConflict);
        }

        // The fingerprint does not include the price. Without a fingerprint, a different amount means a different request.
        if (existing is not null && (existing.Fingerprint != command.Fingerprint
            || (command.Fingerprint is null && existing.Amount != command.Amount)))
        {
            return ToResult(account, CreditCommandStatus.KeyConflict);
        }

        if (existing is { State: "captured" })
        {
            var captured = ToResult(account, CreditCommandStatus.AlreadyCaptured, existing);
            return captured with { Replayed = true, Response = GetResponse(existing) };
        }

        if (existing is { IsOpen: true })
        {
            // The same lease owner repeats a reserve command whose response was lost. Host code has no lease owner and may also repeat the
            // command.
            if (existing.LeaseOwner != command.LeaseOwner)
            {
                return ToResult(account, CreditCommandStatus.InProgress) with { RetryAfter = existing.ExpiresAt - _time.GetUtcNow() };
            }

            return existing.Amount == command.Amount
                ? ToResult(account, CreditCommandStatus.Done, existing) with { Replayed = true }
                : ToResult(account, CreditCommandStatus.KeyConflict);
        }

        if (!Covers(account, command.Amount))
        {
            return ToResult(account, CreditCommandStatus.Insufficient) with { Required = command.Amount };
        }

        if (existing is null)
        {
            existing = new ExampleReservation
            {
                Id = Guid.NewGuid(),
                Key = key,
                Amount = command.Amount,
                Fingerprint = command.Fingerprint,
            };
            account.Reservations.Add(existing);
        }

        existing.Amount = command.Amount;
        existing.Attempt++;
        existing.LeaseOwner = command.LeaseOwner;
        existing.ExpiresAt = _time.GetUtcNow() + command.Lifetime;
        Hold(account, existing);
        return ToResult(account, CreditCommandStatus.Done, existing);
    }

    /// <summary>Makes the checks that renew, capture and release share. The attempt number is the fencing token.</summary>
    private CreditCommandResult WithReservation(
        ExampleAccount account, Guid id, int attempt, Func<ExampleReservation, CreditCommandResult> apply)
    {
        var reservation = account.Reservations.Find(r => r.Id == id);
        return reservation switch
        {
            null => ToResult(account, CreditCommandStatus.AlreadyClosed),
            { Attempt: var current } when attempt > current => ToResult(account, CreditCommandStatus.AlreadyClosed),
            { Attempt: var current } when attempt < current => ToResult(account, CreditCommandStatus.Superseded),
            _ => apply(reservation),
        };
    }

    private CreditCommandResult Renew(ExampleAccount account, ExampleReservation reservation, TimeSpan lifetime)
    {
        if (reservation.State is "captured" or "released")
        {
            return ToResult(account, CreditCommandStatus.AlreadyClosed, reservation);
        }

        if (reservation.State == "expired")
        {
            if (!Covers(account, reservation.Amount))
            {
                return ToResult(account, CreditCommandStatus.Expired, reservation) with { Required = reservation.Amount };
            }

            Hold(account, reservation);
        }

        // A renewal never shortens the lifetime.
        var expiresAt = _time.GetUtcNow() + lifetime;
        reservation.ExpiresAt = expiresAt > reservation.ExpiresAt ? expiresAt : reservation.ExpiresAt;
        return ToResult(account, CreditCommandStatus.Done, reservation);
    }

    /// <summary>Renews a reservation and makes its next attempt the current one, so that the earlier holder is superseded.</summary>
    private CreditCommandResult Claim(ExampleAccount account, ExampleReservation reservation, TimeSpan lifetime)
    {
        var renewed = Renew(account, reservation, lifetime);
        if (renewed.Status == CreditCommandStatus.Done)
        {
            reservation.Attempt++;
            reservation.LeaseOwner = null;
            return renewed with { Attempt = reservation.Attempt };
        }

        return renewed;
    }

    /// <summary>Captures a reservation. A settlement has an amount, and its rest returns to the user in the same change.</summary>
    private CreditCommandResult Capture(
        ExampleAccount account, ExampleReservation reservation, long? settled, StoredResponse? response)
    {
        var amount = settled ?? reservation.Amount;
        switch (reservation.State)
        {
            case "captured" when settled is not null && settled != reservation.Captured:
                return ToResult(account, CreditCommandStatus.KeyConflict, reservation) with { EntryId = null };
            case "captured":
                var repeated = ToResult(account, CreditCommandStatus.Done, reservation);
                return repeated with { Replayed = true, Response = GetResponse(reservation) };
            case "released":
                return ToResult(account, CreditCommandStatus.AlreadyClosed, reservation);
            case var _ when amount > reservation.Amount:
                return ToResult(account, CreditCommandStatus.ExceedsReservation, reservation);
            case "expired" when !Covers(account, amount):
                return ToResult(account, CreditCommandStatus.Expired, reservation) with { Required = amount };
            default:
                Pay(account, reservation, amount);
                reservation.Response = response;
                return ToResult(account, CreditCommandStatus.Done, reservation) with { Response = response };
        }
    }

    private void Pay(ExampleAccount account, ExampleReservation reservation, long amount)
    {
        // The credits of an expired reservation are no longer held, so only an open reservation lowers the held amount.
        var heldDelta = reservation.State == "held" ? -reservation.Amount : 0;
        if (amount > 0)
        {
            Append(account, new ExampleEntry(0, "capture", -amount, heldDelta) { Key = reservation.Key, Reservation = reservation.Id });
        }
        else if (heldDelta != 0)
        {
            Append(account, new ExampleEntry(0, "release", 0, heldDelta) { Reservation = reservation.Id });
        }

        reservation.State = "captured";
        reservation.Captured = amount;
        reservation.CapturedAt = account.LastActivity = _time.GetUtcNow();
    }

    private CreditCommandResult Release(ExampleAccount account, ExampleReservation reservation)
    {
        switch (reservation.State)
        {
            case "captured":
                return ToResult(account, CreditCommandStatus.AlreadyClosed, reservation);
            case "held" or "running":
                End(account, reservation, "released");
                return ToResult(account, CreditCommandStatus.Done, reservation);
            default:
                // The credits were already returned when the reservation expired. Releasing an expired reservation only prevents a late
                // capture.
                reservation.State = "released";
                return ToResult(account, CreditCommandStatus.Done, reservation) with { Replayed = true };
        }
    }

    /// <summary>The stored body and headers are returned for 24 hours. The location remains if the reservation had a price.</summary>
    private StoredResponse? GetResponse(ExampleReservation reservation) =>
        reservation.Response is { } response && _time.GetUtcNow() >= reservation.CapturedAt + BodyLifetime
            ? new StoredResponse(
                response.StatusCode, response.ContentType, reservation.Amount > 0 ? response.Location : null, body: null)
            : reservation.Response;
}
