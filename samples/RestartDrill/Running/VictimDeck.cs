using RestartDrill.Stores;

namespace RestartDrill.Running;

/// <summary>Selects the next process to kill at random. Every process is selected once before a process is selected again.</summary>
internal sealed class VictimDeck(IReadOnlyList<Victim> victims, Random random)
{
    private readonly Queue<Victim> _left = new();

    public Victim Draw()
    {
        if (_left.Count == 0)
        {
            var cards = victims.ToArray();
            random.Shuffle(cards);
            Array.ForEach(cards, _left.Enqueue);
        }

        return _left.Dequeue();
    }
}
