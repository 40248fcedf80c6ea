using System.Globalization;
using RestartDrill.Settings;

namespace RestartDrill.Results;

/// <summary>Writes one line for each deployment, and the totals at the end.</summary>
internal sealed class DeployScreen(TextWriter output)
{
    public async Task<DeployDrillReport> ShowAsync(DrillSettings settings, Func<Action<DeployReport>, Task<DeployDrillReport>> drill)
    {
        var store = settings.Supabase ? ", on Supabase" : "";
        Write($"RestartDrill: {settings.Deploys} deploys, seed {settings.Seed}{store}");
        var report = await drill(deploy => Write(
            $"deploy {deploy.Number} of {settings.Deploys}: {Describe(deploy)}; {Milliseconds(deploy.WithoutService)} without service"));
        foreach (var message in report.Findings.SelectMany(static findings => findings.Messages).Concat(report.AuditFaults).Take(10))
        {
            output.WriteLine(message);
        }

        var clicks = report.Deploys.Sum(static deploy => deploy.Clicks);
        Write($"Failed clicks: {report.Count(FindingKind.FailedClick)} of {clicks}.");
        Write($"Credits charged twice: {report.Count(FindingKind.CreditsDoubled)}; lost: {report.Count(FindingKind.CreditsLost)}.");
        Write($"Other findings: {CountOthers(report)}; faults that the database's audit found: {report.AuditFaults.Count}.");
        Write($"Time without service: median {Milliseconds(report.WithoutService(0.5))}, most {Milliseconds(report.WithoutService(1))}.");
        output.WriteLine(report.ExitCode switch
        {
            ExitCode.NothingLost => "No click failed and nothing was lost.",
            ExitCode.Inconclusive => "The drill is inconclusive: no paid request was in flight at a SIGTERM, or no click was repeated.",
            _ => "A click failed, or something was lost, doubled, changed or wrong.",
        });
        return report;
    }

    private static string Describe(DeployReport deploy) => string.Create(
        CultureInfo.InvariantCulture,
        $"{deploy.InFlight} in flight, {deploy.PaidInFlight} paid; {deploy.Clicks} clicks, {deploy.RepeatedClicks} repeated, "
            + $"slowest {Milliseconds(deploy.SlowestClick)}; {deploy.Findings.Sum} found");

    private static long CountOthers(DeployDrillReport report) => Enum.GetValues<FindingKind>()
        .Where(static kind => kind is not (FindingKind.FailedClick or FindingKind.CreditsDoubled or FindingKind.CreditsLost))
        .Sum(report.Count);

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms");

    private void Write(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
