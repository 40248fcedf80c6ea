using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Tests.Hosting;

/// <summary>A credit store with scripted statements and lists of reservations.</summary>
internal sealed class StatementStore : ICreditStore, ICreditStoreHistory, ICreditStoreReservations
{
    private int _calls;

    /// <summary>Gets or sets the function that returns a page. Its argument is the number of the call, from 1.</summary>
    public Func<int, Task<CreditHistoryPage>> History { get; set; } = static _ => throw new InvalidOperationException("no script");

    /// <summary>Gets or sets the function that returns reservations. Its argument is the number of the call, from 1.</summary>
    public Func<int, Task<IReadOnlyList<OpenCreditReservation>>> Reservations { get; set; } =
        static _ => throw new InvalidOperationException("no script");

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Gets the arguments of the last call.</summary>
    public object? Arguments { get; private set; }

    public async ValueTask<CreditHistoryPage> ReadHistoryAsync(
        UserId user, long? before, int limit, CancellationToken cancellationToken)
    {
        Arguments = (user, before, limit);
        return await History(Interlocked.Increment(ref _calls));
    }

    public async ValueTask<IReadOnlyList<OpenCreditReservation>> ListOpenReservationsAsync(
        UserId? user, OpenCreditReservation? after, int limit, CancellationToken cancellationToken)
    {
        Arguments = (user, after, limit);
        return await Reservations(Interlocked.Increment(ref _calls));
    }

    public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken) =>
        new(CreditReadResult.Unavailable);

    public ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken) =>
        new(CreditCommandResult.Unknown);
}
