using RestartDrill.Clients;
using RestartDrill.Points.Server;
using RestartDrill.Results;
using RestartDrill.Running;
using RestartDrill.Server;
using RestartDrill.Settings;
using RestartDrill.Stores;

namespace RestartDrill.Points;

/// <summary>
/// Kills a process while requests wait at all named points. After the kill, the drill starts the process again, repeats the requests, and
/// waits until every reservation must have expired. At the end, the drill compares the database with the requests.
/// </summary>
internal sealed class PointsDrill(
    DrillSettings settings, StudioProcess server, StudioClient client, IDrillStore store, TimeProvider time)
{
    private static readonly TimeSpan ReachLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    private readonly List<PointGroup> _everyone = [];

    // The drill kills the server and, on Supabase, also PostgreSQL. It does not kill the test server that replaces Supabase.
    private IReadOnlyList<Victim> Victims => settings.Supabase ? [Victim.Studio, Victim.Database] : [Victim.Studio];

    // Only the embedded store commits in groups.
    private IReadOnlyList<KillPoint> Points =>
        [.. Enum.GetValues<KillPoint>().Where(point => !settings.Supabase || point != KillPoint.GroupCommit)];

    private IReadOnlyList<string> ServerArguments => settings.Fault == Fault.ChargeTwice
        ? [.. store.StudioArguments, "--Fault", FaultNames.ChargeTwice]
        : store.StudioArguments;

    /// <exception cref="DrillException">The server does not start, or a point was not reached.</exception>
    public async Task<PointsReport> RunAsync(Action<PointKill> show, CancellationToken stop)
    {
        PointReport[] reports =
            [.. Victims.SelectMany(_ => Points, static (victim, point) => new PointReport(point, victim, new Findings()))];
        await store.StartAsync(stop);
        server.Start(ServerArguments);
        await WaitForServerAsync(stop);
        for (var round = 1; round <= settings.Points; round++)
        {
            foreach (var victim in Victims)
            {
                var before = Count(reports);
                var users = await KillAsync(victim, reports.Where(report => report.Victim == victim), stop);
                show(new PointKill(round, victim, users, Count(reports) - before));
            }
        }

        await Task.Delay(PointsServer.ReservationLifetime + Margin, time, stop);
        await Task.WhenAll(
            _everyone.Where(static group => group.UserLeaves).Select(group => group.ComeBackAsync(client, time, stop)));
        var ledger = await store.ReadLedgerAsync(stop);
        foreach (var group in _everyone)
        {
            group.Compare(ledger);
        }

        return new PointsReport(settings.Points, reports, await store.AuditAsync(stop));
    }

    private static long Count(IEnumerable<PointReport> reports) => reports.Sum(static report => report.Findings.Sum);

    private async Task<int> KillAsync(Victim victim, IEnumerable<PointReport> reports, CancellationToken stop)
    {
        var groups = await GatherAsync(reports, stop);
        _everyone.AddRange(groups);

        // A group commit blocks the writer of the store, so all other requests reach their points first.
        foreach (var together in groups.GroupBy(static group => group.Point == KillPoint.GroupCommit).OrderBy(static some => some.Key))
        {
            await StartAsync(together, stop);
        }

        await store.KillAsync(victim, server);
        if (server.HasEnded)
        {
            server.Start(ServerArguments);
        }
        else
        {
            await client.ContinueAsync(stop);
        }

        await store.StartAsync(stop);
        await WaitForServerAsync(stop);
        await Task.WhenAll(groups.Select(static group => group.WaitForFirstResponsesAsync()));
        var forgetKeys = settings.Fault == Fault.NewKeyOnRepeat;
        await Task.WhenAll(
            groups.Where(static group => !group.UserLeaves).Select(group => group.RepeatAsync(client, forgetKeys, time, stop)));
        return groups.Count;
    }

    private async Task<List<PointGroup>> GatherAsync(IEnumerable<PointReport> reports, CancellationToken stop)
    {
        var groups = new List<PointGroup>();
        foreach (var report in reports)
        {
            groups.Add(new PointGroup(report, await PointUser.SignUpAsync(store, client, stop), userLeaves: false));

            // The server can stop only one group commit.
            if (report.Point != KillPoint.GroupCommit)
            {
                groups.Add(new PointGroup(report, await PointUser.SignUpAsync(store, client, stop), userLeaves: true));
            }
        }

        return groups;
    }

    private async Task StartAsync(IEnumerable<PointGroup> groups, CancellationToken stop)
    {
        var missing = new List<KillPoint>();
        foreach (var group in groups)
        {
            missing.Add(group.Point);
            group.Start(client, time, stop);
        }

        var points = missing.ToArray();
        var started = time.GetTimestamp();
        while (missing.Count > 0)
        {
            missing = [.. points];
            foreach (var reached in await client.ReadReachedAsync(stop))
            {
                missing.Remove(reached);
            }

            if (time.GetElapsedTime(started) > ReachLimit)
            {
                throw new DrillException($"No request reached: {string.Join(", ", missing)}. The server said:{Environment.NewLine}"
                    + server.LastLines);
            }

            await Task.Delay(PollInterval, time, stop);
        }
    }

    private async Task WaitForServerAsync(CancellationToken stop)
    {
        var started = time.GetTimestamp();
        while (await client.ReadCreditsAsync("none", versionToken: null, stop) is null)
        {
            if (server.HasEnded || time.GetElapsedTime(started) > ReachLimit)
            {
                throw new DrillException($"The server did not start. It said:{Environment.NewLine}{server.LastLines}");
            }

            await Task.Delay(PollInterval, time, stop);
        }
    }
}
