using System.Collections.Concurrent;

namespace RestartDrill.Results;

/// <summary>
/// Collects the findings between two kills: the number of each kind, and a description of the first cases. The class is thread-safe.
/// </summary>
internal sealed class Findings
{
    private const int MaxMessages = 10;

    private readonly long[] _counts = new long[Enum.GetValues<FindingKind>().Length];
    private readonly ConcurrentQueue<string> _messages = new();
    private int _repeats;
    private int _repeatsOfPaidWork;

    public long this[FindingKind kind] => Interlocked.Read(ref _counts[(int)kind]);

    public long Sum => _counts.Sum();

    public IEnumerable<string> Messages => _messages;

    public int Repeats => _repeats;

    /// <summary>Gets the number of repeated requests that received the stored response of an earlier paid attempt.</summary>
    public int RepeatsOfPaidWork => _repeatsOfPaidWork;

    public void Add(FindingKind kind, string message, long amount = 1)
    {
        Interlocked.Add(ref _counts[(int)kind], amount);
        if (_messages.Count < MaxMessages)
        {
            _messages.Enqueue(message);
        }
    }

    public void AddRepeat(bool metPaidWork)
    {
        Interlocked.Increment(ref _repeats);
        if (metPaidWork)
        {
            Interlocked.Increment(ref _repeatsOfPaidWork);
        }
    }
}
