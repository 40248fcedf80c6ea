using System.Globalization;
using RestartDrill.Points.Server;
using RestartDrill.Results;
using RestartDrill.Settings;
using RestartDrill.Stores;
using Spectre.Console;

namespace RestartDrill.Points;

/// <summary>Writes one line for each kill, and at the end a table with one row for each point.</summary>
internal sealed class PointsScreen(IAnsiConsole console)
{
    private const int Width = 160;
    private const int MaxMessages = 10;

    private static readonly (string Title, FindingKind Kind)[] Columns =
    [
        ("responses wrong", FindingKind.WrongResponse),
        ("credits lost", FindingKind.CreditsLost),
        ("credits doubled", FindingKind.CreditsDoubled),
        ("credits held", FindingKind.CreditsHeld),
    ];

    public async Task<PointsReport> ShowAsync(DrillSettings settings, Func<Action<PointKill>, Task<PointsReport>> drill)
    {
        var store = settings.Supabase ? ", on Supabase" : "";
        var fault = settings.Fault == Fault.None ? "" : ", with a fault";
        console.WriteLine(Text($"RestartDrill: {settings.Points} kills at each point{store}{fault}"));
        console.Profile.Width = Math.Max(console.Profile.Width, Width);
        var report = await drill(kill => console.WriteLine(
            Text($"kill {kill.Number} of {settings.Points}, {Name(kill.Victim)}: {kill.Users} users at their points; {kill.Found} found")));
        console.Write(CreateTable(report));
        Conclude(report);
        return report;
    }

    private static Table CreateTable(PointsReport report)
    {
        var table = new Table().Border(TableBorder.Rounded)
            .AddColumn("point").AddColumn("killed").AddColumn("kills").AddColumn("repeats (already paid)");
        foreach (var (title, _) in Columns)
        {
            table.AddColumn(title);
        }

        foreach (var (point, victim, findings) in report.Points)
        {
            table.AddRow(
            [
                Name(point),
                Name(victim),
                Text($"{report.Kills}"),
                Text($"{findings.Repeats} ({findings.RepeatsOfPaidWork})"),
                .. Columns.Select(column => findings[column.Kind] is var count and not 0 ? Text($"[red]{count}[/]") : "0"),
            ]);
        }

        return table;
    }

    private void Conclude(PointsReport report)
    {
        foreach (var message in report.Points.SelectMany(static point => point.Findings.Messages).Concat(report.AuditFaults)
            .Take(MaxMessages))
        {
            console.MarkupLineInterpolated($"[red]{message}[/]");
        }

        console.WriteLine(report.AuditFaults.Count == 0
            ? "The database's audit found nothing."
            : Text($"The database's audit found {report.AuditFaults.Count} fault(s)."));
        console.MarkupLine(report.ExitCode == ExitCode.NothingLost
            ? "[green]Nothing was lost, doubled or held.[/]"
            : "[red]Something was lost, doubled, held or wrong.[/]");
    }

    private static string Name(KillPoint point) => point switch
    {
        KillPoint.BeforeReserve => "before the reservation",
        KillPoint.Reserved => "reserved, response lost",
        KillPoint.Working => "working",
        KillPoint.Done => "done, before the capture",
        KillPoint.Captured => "captured, response lost",
        KillPoint.Releasing => "before the release",
        KillPoint.Released => "released, response lost",
        KillPoint.TakenOver => "expired and taken over",
        KillPoint.GroupCommit => "in a group commit",
        _ => "in a stream",
    };

    private static string Name(Victim victim) => victim == Victim.Studio ? "the app" : "PostgreSQL";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
