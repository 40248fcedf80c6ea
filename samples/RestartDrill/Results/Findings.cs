using System.Collections.Concurrent;

namespace RestartDrill.Results;

/// <summary>What was found between two kills, in numbers, and the first cases in words. Thread-safe.</summary>
internal sealed class Findings
{
    private const int SentencesKept = 10;

    private readonly long[] _counts = new long[Enum.GetValues<FindingKind>().Length];
    private readonly ConcurrentQueue<string> _sentences = new();
    private int _repeats;
    private int _repeatsOfPaidWork;

    public long this[FindingKind kind] => Interlocked.Read(ref _counts[(int)kind]);

    public long Sum => _counts.Sum();

    public IEnumerable<string> Sentences => _sentences;

    public int Repeats => _repeats;

    /// <summary>Repeats that were answered from what an earlier try had already paid.</summary>
    public int RepeatsOfPaidWork => _repeatsOfPaidWork;

    public void Add(FindingKind kind, string sentence, long amount = 1)
    {
        Interlocked.Add(ref _counts[(int)kind], amount);
        if (_sentences.Count < SentencesKept)
        {
            _sentences.Enqueue(sentence);
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
