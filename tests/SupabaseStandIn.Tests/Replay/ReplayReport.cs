using FluentAssertions;
using NUnit.Framework;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>
/// Checks the result of a replay. Every difference must be listed with a reason, every listed request must differ, and every omitted
/// request must have a reason.
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
        var listed = differing.Where(entry => exchanges.Any(exchange => entry.Matches(exchange.Name))).ToList();
        var differences = new Dictionary<string, string>();
        var (replayed, omitted) = (0, 0);
        foreach (var exchange in exchanges)
        {
            if (leftOut.Any(entry => entry.Matches(exchange.Name)))
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
                + $"{differences.Keys.Count(name => listed.Any(entry => entry.Matches(name)))} listed, {omitted} left out");
        var unexpected = differences.Where(difference => !listed.Any(entry => entry.Matches(difference.Key)))
            .Select(difference => $"{difference.Key}: {difference.Value}").ToList();
        await TestContext.Out.WriteLineAsync(string.Join('\n', unexpected));
        unexpected.Should().BeEmpty("a response that differs from the recording needs a reason in {0}.differences.txt", recording);
        listed.Where(entry => !differences.Keys.Any(entry.Matches)).Select(entry => entry.Pattern)
            .Should().BeEmpty("an exchange that no longer differs must be removed from the list");
        replayed.Should().BePositive();
    }

    /// <summary>Each list entry must match a recorded request that no other entry matches.</summary>
    private static void CheckEntries(IReadOnlyList<Recording.ListEntry> entries, IReadOnlyList<Exchange> all)
    {
        entries.Where(entry => !all.Any(exchange => entry.Matches(exchange.Name))).Select(entry => entry.Pattern)
            .Should().BeEmpty("every listed name must be in the recording");
        all.Where(exchange => entries.Count(entry => entry.Matches(exchange.Name)) > 1).Select(exchange => exchange.Name)
            .Should().BeEmpty("each exchange may match only one entry");
    }
}
