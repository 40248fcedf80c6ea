using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.FieldTests.Stopping;

/// <summary>A reader over a host's own table, which needs no access token.</summary>
internal sealed class CountingReader : ICreditReader
{
    private int _reads;

    public int Reads => Volatile.Read(ref _reads);

    public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        return new(CreditReadResult.Current(new CreditBalance(7, DateTimeOffset.UtcNow)));
    }
}
