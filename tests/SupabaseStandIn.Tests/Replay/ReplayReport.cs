using FluentAssertions;
using NUnit.Framework;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>
/// Reports a replay. Every difference must be listed with a reason, every listed exchange must differ, and every omitted exchange must have
/// a reason.
/// </summary>
internal static class ReplayReport
{
    public static async Task ReplayAsync(Replayer replayer, string recording, Func<Exchange, bool> which)
    {
        var all = Recording.Read($"{recording}.jsonl");
        var exchanges = all.Where(which).ToList();
        var leftOut = Recording.ReadList($"{recording}.left-out.txt");
        var differing = Recording.ReadList($"{recording}.differences.txt");
        CheckEntries([.. leftOut, .. differing], all);
        var listed = differing.Where(entry => exchanges.Any(exchange => entry.Fits(exchange.Name))).ToList();
        var differences = new Dictionary<string, string>();
        var (replayed, omitted) = (0, 0);
        foreach (var exchange in exchanges)
        {
            if (leftOut.Any(entry => entry.Fits(exchange.Name)))
            {
                omitted++;
                continue;
            }

            replayed++;
            if (await replayer.ReplayAsync(exchange) is { } difference)
            {
                differences[exchange.Name] = difference;
            }
        }

        await TestContext.Out.WriteLineAsync(
            $"{recording}: {replayed} replayed, {replayed - differences.Count} equal, "
                + $"{differences.Keys.Count(name => listed.Any(entry => entry.Fits(name)))} listed, {omitted} left out");
        var unexpected = differences.Where(difference => !listed.Any(entry => entry.Fits(difference.Key)))
            .Select(difference => $"{difference.Key}: {difference.Value}").ToList();
        await TestContext.Out.WriteLineAsync(string.Join('\n', unexpected));
        unexpected.Should().BeEmpty("an answer that differs from the real server's needs a reason in {0}.differences.txt", recording);
        listed.Where(entry => !differences.Keys.Any(entry.Fits)).Select(entry => entry.Pattern)
            .Should().BeEmpty("what is listed must still differ");
        replayed.Should().BePositive();
    }

    /// <summary>Each entry must match an exchange of the recording that no other entry matches.</summary>
    private static void CheckEntries(IReadOnlyList<Recording.Listed> entries, IReadOnlyList<Exchange> all)
    {
        entries.Where(entry => !all.Any(exchange => entry.Fits(exchange.Name))).Select(entry => entry.Pattern)
            .Should().BeEmpty("what is listed must be in the recording");
        all.Where(exchange => entries.Count(entry => entry.Fits(exchange.Name)) > 1).Select(exchange => exchange.Name)
            .Should().BeEmpty("one reason is enough");
    }
}
