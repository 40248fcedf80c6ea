namespace RestartDrill.Running;

/// <summary>Counts the requests that were sent and have no response yet. The class is thread-safe.</summary>
internal sealed class InFlight
{
    private int _all;
    private int _paid;

    public int All => Volatile.Read(ref _all);

    public int Paid => Volatile.Read(ref _paid);

    public IDisposable Begin(bool isPaid)
    {
        Add(1, isPaid);
        return new Flight(this, isPaid);
    }

    private void Add(int count, bool isPaid)
    {
        Interlocked.Add(ref _all, count);
        if (isPaid)
        {
            Interlocked.Add(ref _paid, count);
        }
    }

    private sealed class Flight(InFlight owner, bool isPaid) : IDisposable
    {
        public void Dispose() => owner.Add(-1, isPaid);
    }
}
