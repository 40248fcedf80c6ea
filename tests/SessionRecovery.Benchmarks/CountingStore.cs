using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Warming;

namespace SessionRecovery.Benchmarks;

/// <summary>A credit store that delays each read and counts the reads.</summary>
internal sealed class CountingStore(TimeSpan latency, TimeProvider time) : ICreditReader, IActiveUserSource
{
    private readonly string _incarnation = Guid.NewGuid().ToString("N");
    private int _reads;

    public int Reads => _reads;

    public IReadOnlyList<UserId> Active { get; set; } = [];

    public async ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken) =>
        CreditReadResult.Current(await ReadBalanceAsync(cancellationToken));

    public async ValueTask<CreditBalance> ReadBalanceAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        if (latency > TimeSpan.Zero)
        {
            await Task.Delay(latency, time, cancellationToken);
        }

        return Balance();
    }

    public ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(int limit, DateTimeOffset since, CancellationToken cancellationToken) =>
        new([.. Active.Take(limit).Select(user => new ActiveUser { User = user, Balance = Balance() })]);

    private CreditBalance Balance() => new(100, time.GetUtcNow(), held: 0, version: 1, _incarnation);
}
