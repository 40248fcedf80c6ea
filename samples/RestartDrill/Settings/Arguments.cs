using System.Globalization;

namespace RestartDrill.Settings;

/// <summary>Represents the parsed command line: the settings, a request for help, or one sentence that describes the error.</summary>
internal sealed record Arguments(DrillSettings? Settings, bool WantsHelp, string? Message)
{
    public const string Help =
        """
        RestartDrill: starts AudioStudio, kills or deploys it at random moments under load, and compares what survived with its own records.

          dotnet run --project samples/RestartDrill [-- options]

          --kills N                   the number of kills of the server: 1 to 10000 (default 10)
          --deploy N                  deploys the next version N times behind a reverse proxy instead of killing the server: 1 to 10000
          --points [N]                kills the server N times (default 20) while requests wait at the named points of a paid job;
                                      with --supabase, also kills PostgreSQL N times
          --seed S                    the seed of the random times and requests (default: a new seed, which is printed)
          --fault new-key-on-repeat   the clients repeat requests with new keys; the drill must end with exit code 1
          --fault charge-twice        with --points: the store charges each job twice; the drill must end with exit code 1
          --supabase                  uses a test server that replaces Supabase and a real PostgreSQL 15; of every 4 kills, one ends the
                                      studio, one the test server, one PostgreSQL, and one all three
          --audit FILE                only prints the statement of a user and every fault of a database of the embedded store; the
                                      audit reads a copy of the file, so the application may keep running
          --user ID                   with --audit: the user whose statement is printed (default: the user of the latest entry)
          --help                      prints this text

        Exit codes:
        0    no fault was found
        1    credits or files were lost or wrong, a named point was not reached, or the audit found a fault
        2    the drill was inconclusive: no paid request was running at any kill or deployment, no repeated request found paid work,
             a process was never killed, or no click was repeated during a deployment
        64   the arguments are invalid
        130  the drill was interrupted
        """;

    public static Arguments Parse(IReadOnlyList<string> arguments, int seedWhenAbsent)
    {
        var settings = new DrillSettings(DrillSettings.DefaultKills, seedWhenAbsent, Fault.None);
        string? drillOption = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = Split(arguments[i]);
            if (name is "--help" or "-h" or "-?")
            {
                return new Arguments(null, WantsHelp: true, null);
            }

            drillOption = name is "--audit" or "--user" ? drillOption : name;
            if (arguments[i] == "--supabase")
            {
                settings = settings with { Supabase = true };
                continue;
            }

            if (name == "--points")
            {
                // The number may be omitted. If the next argument is another option, it is not read as the number.
                value ??= i + 1 < arguments.Count && !arguments[i + 1].StartsWith('-') ? arguments[++i] : null;
                settings = settings with { Points = value is null ? DrillSettings.DefaultPoints : Number(value) ?? 0 };
                if (settings.Points is < 1 or > DrillSettings.MaxKills)
                {
                    return Wrong($"--points must be a number from 1 to {DrillSettings.MaxKills}, not '{value}'.");
                }

                continue;
            }

            if (name is not ("--kills" or "--deploy" or "--seed" or "--fault" or "--audit" or "--user"))
            {
                return Wrong($"There is no option '{name}'; see --help.");
            }

            value ??= ++i < arguments.Count ? arguments[i] : null;
            switch (name)
            {
                case "--audit" when !string.IsNullOrEmpty(value):
                    settings = settings with { Audit = value };
                    break;
                case "--user" when !string.IsNullOrEmpty(value):
                    settings = settings with { User = value };
                    break;
                case "--audit" or "--user":
                    return Wrong($"{name} needs a value; see --help.");
                case "--kills" when Number(value) is { } kills and >= 1 and <= DrillSettings.MaxKills:
                    settings = settings with { Kills = kills };
                    break;
                case "--kills":
                    return Wrong($"--kills must be a number from 1 to {DrillSettings.MaxKills}, not '{value}'.");
                case "--deploy" when Number(value) is { } deploys and >= 1 and <= DrillSettings.MaxKills:
                    settings = settings with { Deploys = deploys };
                    break;
                case "--deploy":
                    return Wrong($"--deploy must be a number from 1 to {DrillSettings.MaxKills}, not '{value}'.");
                case "--seed" when Number(value) is { } seed and >= 0:
                    settings = settings with { Seed = seed };
                    break;
                case "--seed":
                    return Wrong($"--seed must be a number from 0 to {int.MaxValue}, not '{value}'.");
                case "--fault" when FaultNames.Find(value) is { } fault:
                    settings = settings with { Fault = fault };
                    break;
                default:
                    return Wrong($"--fault must be {FaultNames.NewKeyOnRepeat} or {FaultNames.ChargeTwice}, not '{value}'.");
            }
        }

        if (settings is { User: not null, Audit: null })
        {
            return Wrong($"--user belongs to --audit.");
        }

        if (settings.Audit is not null && drillOption is not null)
        {
            return Wrong($"--audit runs no drill and cannot be combined with {drillOption}.");
        }

        if (settings is { Points: > 0, Deploys: > 0 } or { Points: 0, Fault: Fault.ChargeTwice })
        {
            return Wrong($"--points cannot be combined with --deploy, and --fault {FaultNames.ChargeTwice} belongs to --points.");
        }

        return settings is { Deploys: > 0, Fault: not Fault.None }
            ? Wrong($"--fault belongs to kills and cannot be combined with --deploy.")
            : new Arguments(settings, WantsHelp: false, null);
    }

    private static (string Name, string? Value) Split(string argument) =>
        argument.IndexOf('=', StringComparison.Ordinal) is var at and > 0 ? (argument[..at], argument[(at + 1)..]) : (argument, null);

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static Arguments Wrong(FormattableString message) =>
        new(null, WantsHelp: false, message.ToString(CultureInfo.InvariantCulture));
}
