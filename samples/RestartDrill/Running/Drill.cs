using RestartDrill.Ledgers;
using RestartDrill.Clients;
using RestartDrill.Results;
using RestartDrill.Server;
using RestartDrill.Settings;
using RestartDrill.Stores;

namespace RestartDrill.Running;

/// <summary>
/// Runs the drill. In each round, users send requests, a process is killed and restarted, requests are repeated, and the database is
/// compared with the records.
/// </summary>
internal sealed class Drill(
    DrillSettings settings, StudioProcess server, StudioClient client, InFlight inFlight, IDrillStore store, TimeProvider time)
{
    private const int ConcurrentUsers = 3;

    /// <summary>
    /// The minimum number of remaining payments of a user. A user with fewer remaining payments is replaced by a new user, so that payments
    /// are running at every kill.
    /// </summary>
    private const int MinPaymentsLeft = 14;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RepeatLimit = TimeSpan.FromSeconds(20);

    private readonly Random _random = new(settings.Seed);
    private readonly List<DrillUser> _everyone = [];
    private List<DrillUser> _present = [];

    /// <exception cref="DrillException">The server does not start, or new users cannot be created.</exception>
    public async Task<DrillReport> RunAsync(Action<string> showProgress, Action<KillReport> show, CancellationToken stop)
    {
        var kills = new List<KillReport>();
        var victims = new VictimDeck(store.Victims, _random);
        await store.StartAsync(stop);
        server.Start(store.StudioArguments);
        await WaitForServerAsync(stop);
        for (var number = 1; number <= settings.Kills; number++)
        {
            showProgress($"kill {number} of {settings.Kills}: users sign up");
            await GatherUsersAsync(stop);
            showProgress($"kill {number} of {settings.Kills}: under load");
            var kill = await KillUnderLoadAsync(number, victims.Draw(), stop);
            showProgress($"kill {number} of {settings.Kills}: back, comparing");
            await SettleAsync(kill.Findings, stop);
            kills.Add(kill);
            show(kill);
        }

        showProgress("all users check their balances again");
        var atTheEnd = new Findings();
        foreach (var user in _everyone)
        {
            await RequireAsync(() => user.ReadCreditsAsync(new KillMoment(), atTheEnd, stop), atTheEnd,
                "A balance could not be read in the end.", stop);
            await RequireAsync(() => user.DownloadAsync(new KillMoment(), atTheEnd, stop), atTheEnd,
                "A file could not be read in the end.", stop);
        }

        await server.KillAsync();
        Comparison.OfSettled(await store.ReadLedgerAsync(stop), _everyone, atTheEnd);
        return new DrillReport(store.Victims, kills, atTheEnd, await store.AuditAsync(stop));
    }

    private async Task GatherUsersAsync(CancellationToken stop)
    {
        _present = [.. _present.Where(static user => user.Ledger.PaymentsLeft >= MinPaymentsLeft && !user.Ledger.HasUnexpectedDifference)];
        while (_present.Count < ConcurrentUsers)
        {
            var user = await DrillUser.SignUpAsync(store, client, new Random(_random.Next()), stop);
            _present.Add(user);
            _everyone.Add(user);
        }
    }

    private async Task<KillReport> KillUnderLoadAsync(int number, Victim victim, CancellationToken stop)
    {
        var findings = new Findings();
        var moment = new KillMoment();
        var over = new StopSignal(stop);
        var load = new Load(new KillWork(moment, findings, over), time, over).RunAsync(_present, _random);

        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(100, 450)), time, stop);
        moment.BeginLosing();
        await Task.Delay(KillMoment.LossWindow, time, stop);
        var (all, paid) = (inFlight.All, inFlight.Paid);
        over.Set();
        var killed = time.GetTimestamp();
        await store.KillAsync(victim, server);
        await load;

        await store.StartAsync(stop);
        Comparison.OfAcknowledged(await store.ReadLedgerAsync(stop), _present, findings);
        if (server.HasEnded)
        {
            server.Start(store.StudioArguments);
        }

        await WaitForCorrectBalanceAsync(_present[0], findings, stop);
        return new KillReport(number, victim, all, paid, time.GetElapsedTime(killed), findings);
    }

    /// <summary>Repeats the requests without a response, then checks balances, files and the database.</summary>
    private async Task SettleAsync(Findings findings, CancellationToken stop)
    {
        var moment = new KillMoment();
        await Task.WhenAll(_present.SelectMany(static user => user.Ledger.Open, (user, payment) => RepeatAsync(user, payment)));
        foreach (var user in _present)
        {
            await RequireAsync(() => user.ReadCreditsAsync(moment, findings, stop), findings,
                "A balance could not be read after a restart.", stop);
            await RequireAsync(() => user.DownloadAsync(moment, findings, stop), findings,
                "A file could not be read after a restart.", stop);
        }

        Comparison.OfSettled(await store.ReadLedgerAsync(stop), _present, findings);

        Task RepeatAsync(DrillUser user, Payment payment)
        {
            if (settings.Fault == Fault.NewKeyOnRepeat)
            {
                payment.ForgetKey();
            }

            return RequireAsync(
                () => user.PayAsync(payment, isRepeat: true, moment, findings, stop), findings, "A repeated request got no response.",
                stop);
        }
    }

    private async Task RequireAsync(Func<Task<bool>> action, Findings findings, string otherwise, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        var before = findings.Sum;
        while (!await action())
        {
            if (findings.Sum > before)
            {
                return;
            }

            if (time.GetElapsedTime(started) > RepeatLimit)
            {
                findings.Add(FindingKind.WrongResponse, otherwise);
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), time, stop);
        }
    }

    private async Task WaitForCorrectBalanceAsync(DrillUser user, Findings findings, CancellationToken stop)
    {
        var moment = new KillMoment();
        var before = findings.Sum;

        // An incorrect response is counted and ends the wait, because a correct response may never arrive.
        await WaitAsync(async () => await user.ReadCreditsAsync(moment, findings, stop) || findings.Sum > before, stop);
    }

    private Task WaitForServerAsync(CancellationToken stop) =>
        WaitAsync(async () => await client.ReadCreditsAsync("none", versionToken: null, stop) is not null, stop);

    private async Task WaitAsync(Func<Task<bool>> isThere, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        while (!await isThere())
        {
            if (server.HasEnded)
            {
                throw new DrillException($"AudioStudio ended at its start. It said:{Environment.NewLine}{server.LastLines}");
            }

            if (time.GetElapsedTime(started) > StartLimit)
            {
                throw new DrillException(
                    $"AudioStudio returned no correct balance within {StartLimit.TotalSeconds} s. It "
                        + $"said:{Environment.NewLine}{server.LastLines}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), time, stop);
        }
    }
}
