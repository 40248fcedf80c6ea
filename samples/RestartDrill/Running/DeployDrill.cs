using System.Net;
using RestartDrill.Clients;
using RestartDrill.Ledgers;
using RestartDrill.Results;
using RestartDrill.Server;
using RestartDrill.Settings;
using RestartDrill.Stores;

namespace RestartDrill.Running;

/// <summary>
/// Deploys the next version under load. The running version receives SIGTERM, and at the same time the next version starts on another port.
/// The proxy is switched when the next version responds.
/// </summary>
internal sealed class DeployDrill(
    DrillSettings settings,
    IReadOnlyList<StudioProcess> versions,
    ReverseProxy proxy,
    StudioClient client,
    InFlight inFlight,
    IDrillStore store,
    TimeProvider time)
{
    private const int ConcurrentUsers = 3;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan PaidRequestLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LoadAfterSwitch = TimeSpan.FromMilliseconds(250);

    private readonly Random _random = new(settings.Seed);
    private readonly List<DrillUser> _everyone = [];

    /// <exception cref="DrillException">A version does not start or does not stop, or new users cannot be created.</exception>
    public async Task<DeployDrillReport> RunAsync(Action<DeployReport> show, CancellationToken stop)
    {
        var deploys = new List<DeployReport>();
        await store.StartAsync(stop);
        versions[0].Start(store.StudioArguments);
        await SwitchToAsync(versions[0], stop);
        for (var number = 1; number <= settings.Deploys; number++)
        {
            var deploy = await DeployUnderLoadAsync(number, versions[(number - 1) % 2], versions[number % 2], stop);
            deploys.Add(deploy);
            show(deploy);
        }

        var atTheEnd = new Findings();
        var ledger = await store.ReadLedgerAsync(stop);
        Comparison.OfSettled(ledger, _everyone, atTheEnd);
        return new DeployDrillReport(deploys, atTheEnd, await store.AuditAsync(stop));
    }

    private async Task<DeployReport> DeployUnderLoadAsync(int number, StudioProcess old, StudioProcess next, CancellationToken stop)
    {
        var users = new List<DrillUser>();
        while (users.Count < ConcurrentUsers)
        {
            users.Add(await DrillUser.SignUpAsync(store, client, new Random(_random.Next()), stop));
        }

        _everyone.AddRange(users);
        proxy.TakeTimeWithoutService();
        var findings = new Findings();
        var clicks = new Clicks(findings, time);
        var over = new StopSignal(stop);
        var load = new Load(new DeployWork(clicks, findings, over), time, over).RunAsync(users, _random);
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(100, 300)), time, stop);
        await WaitForPaidRequestAsync(stop);

        var (all, paid) = (inFlight.All, inFlight.Paid);
        next.Start(store.StudioArguments);
        old.Terminate();
        await SwitchToAsync(next, stop);
        await WaitForExitAsync(old, stop);
        await Task.Delay(LoadAfterSwitch, time, stop);
        over.Set();
        await load;

        Comparison.OfSettled(await store.ReadLedgerAsync(stop), users, findings);
        return new DeployReport(
            number, all, paid, clicks.Count, clicks.Repeated, clicks.Slowest, proxy.TakeTimeWithoutService(), findings);
    }

    private async Task WaitForPaidRequestAsync(CancellationToken stop)
    {
        var started = time.GetTimestamp();
        while (inFlight.Paid == 0 && time.GetElapsedTime(started) < PaidRequestLimit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), time, stop);
        }
    }

    /// <summary>
    /// Waits until the version responds, as a load balancer does. After the first response, the proxy sends all requests to the version.
    /// </summary>
    private async Task SwitchToAsync(StudioProcess version, CancellationToken stop)
    {
        using var probe = new StudioClient(version.Address, new InFlight());
        var started = time.GetTimestamp();
        while ((await probe.ReadCreditsAsync("none", versionToken: null, stop))?.Status != HttpStatusCode.Unauthorized)
        {
            if (version.HasEnded || time.GetElapsedTime(started) > StartLimit)
            {
                throw new DrillException($"A version of AudioStudio did not start. It said:{Environment.NewLine}{version.LastLines}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), time, stop);
        }

        proxy.Destination = version.Address;
    }

    private async Task WaitForExitAsync(StudioProcess version, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        while (!version.HasEnded)
        {
            if (time.GetElapsedTime(started) > StartLimit)
            {
                throw new DrillException($"A version of AudioStudio did not stop. It said:{Environment.NewLine}{version.LastLines}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, stop);
        }
    }
}
