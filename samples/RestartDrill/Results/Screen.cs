using System.Globalization;
using RestartDrill.Settings;
using RestartDrill.Stores;
using Spectre.Console;

namespace RestartDrill.Results;

/// <summary>
/// Displays the progress of the drill. On a terminal, the class writes a progress line and a table that grows with each kill. If the output
/// is not a terminal, the class writes plain lines, and the table at the end.
/// </summary>
internal sealed class Screen(IAnsiConsole console)
{
    private static readonly (string Title, FindingKind Kind)[] Columns =
    [
        ("responses wrong", FindingKind.WrongResponse),
        ("credits lost", FindingKind.CreditsLost),
        ("credits doubled", FindingKind.CreditsDoubled),
        ("files changed", FindingKind.FileChanged),
        ("sign-ins needed", FindingKind.SignInNeeded),
        ("false zeros", FindingKind.FalseZero),
        ("went back", FindingKind.WentBack),
    ];

    private bool IsTerminal => console.Profile.Capabilities.Interactive && console.Profile.Out.IsTerminal;

    public async Task<DrillReport> ShowAsync(DrillSettings settings, Func<Action<string>, Action<KillReport>, Task<DrillReport>> drill)
    {
        var store = settings.Supabase ? ", on Supabase" : "";
        var fault = settings.Fault == Fault.None ? "" : ", clients lose their keys";
        console.WriteLine(Text($"RestartDrill: {settings.Kills} kills, seed {settings.Seed}{store}{fault}"));
        var table = NewTable();
        DrillReport report;
        if (IsTerminal)
        {
            report = await console.Live(table).StartAsync(async live =>
            {
                var report = await drill(
                    doing =>
                    {
                        table.Caption(doing);
                        live.Refresh();
                    },
                    kill =>
                    {
                        AddRow(table, kill);
                        live.Refresh();
                    });
                AddTotals(table, report);
                table.Caption(string.Empty);
                return report;
            });
        }
        else
        {
            console.Profile.Width = Math.Max(console.Profile.Width, 160);
            report = await drill(
                static _ => { },
                kill =>
                {
                    AddRow(table, kill);
                    var requests = Text($"{kill.InFlight} in flight, {kill.PaidInFlight} paid");
                    var recovery = Text($"right balance after {Milliseconds(kill.TimeToCorrectBalance)}; {kill.Findings.Sum} found");
                    console.WriteLine(Text($"kill {kill.Number} of {settings.Kills}, {Name(kill.Victim)}: {requests}; {recovery}"));
                });
            AddTotals(table, report);
            console.Write(table);
        }

        Conclude(report);
        return report;
    }

    private static Table NewTable()
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("kill").AddColumn("killed").AddColumn("requests in flight")
            .AddColumn("paid in flight").AddColumn("repeats (already paid)");
        foreach (var (title, _) in Columns)
        {
            table.AddColumn(title);
        }

        return table.AddColumn("right balance after");
    }

    private static void AddRow(Table table, KillReport kill) => table.AddRow(
    [
        Text($"{kill.Number}"),
        Name(kill.Victim),
        Text($"{kill.InFlight}"),
        Text($"{kill.PaidInFlight}"),
        Text($"{kill.Findings.Repeats} ({kill.Findings.RepeatsOfPaidWork})"),
        .. Columns.Select(column => Count(kill.Findings[column.Kind])),
        Milliseconds(kill.TimeToCorrectBalance),
    ]);

    private static void AddTotals(Table table, DrillReport report) => table.AddRow(
    [
        "[bold]all[/]",
        string.Empty,
        Text($"{report.Kills.Sum(static kill => kill.InFlight)}"),
        Text($"{report.Kills.Sum(static kill => kill.PaidInFlight)}"),
        Text($"{Sum(report, static findings => findings.Repeats)} ({Sum(report, static findings => findings.RepeatsOfPaidWork)})"),
        .. Columns.Select(column => Count(report.Count(column.Kind))),
        Text($"median {Milliseconds(report.TimeToCorrectBalance(0.5))}, p95 {Milliseconds(report.TimeToCorrectBalance(0.95))}"),
    ]);

    private static int Sum(DrillReport report, Func<Findings, int> count) => report.Findings.Sum(count);

    private void Conclude(DrillReport report)
    {
        foreach (var message in report.Findings.SelectMany(static findings => findings.Messages).Concat(report.AuditFaults).Take(10))
        {
            console.MarkupLineInterpolated($"[red]{message}[/]");
        }

        console.WriteLine(
            Text($"Killed: {string.Join(", ", report.Victims.Select(victim => Text($"{Name(victim)} {report.CountKills(victim)}×")))}."));
        console.WriteLine(report.AuditFaults.Count == 0
            ? "The database's audit found nothing."
            : Text($"The database's audit found {report.AuditFaults.Count} fault(s)."));
        console.MarkupLine(report.ExitCode switch
        {
            ExitCode.NothingLost => "[green]Nothing was lost.[/]",
            ExitCode.Inconclusive =>
                "[yellow]The drill is inconclusive: no paid request was in flight at a kill, no repeat met paid work, "
                + "or one victim was never killed.[/]",
            _ => "[red]Something was lost, doubled, changed or wrong.[/]",
        });
    }

    private static string Name(Victim victim) => victim switch
    {
        Victim.Studio => "the studio",
        Victim.Services => "Supabase's services",
        Victim.Database => "PostgreSQL",
        _ => "all of them",
    };

    private static string Count(long count) => count == 0 ? "0" : Text($"[red]{count}[/]");

    private static string Milliseconds(TimeSpan time) => Text($"{time.TotalMilliseconds:0} ms");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
