using RestartDrill.Stores;

namespace RestartDrill.Running;

/// <summary>Who dies next: every victim once, in an order of chance, before any of them a second time.</summary>
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
