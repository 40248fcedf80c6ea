using System.Globalization;

namespace RestartDrill.Settings;

/// <summary>Represents the parsed command line: the settings, a request for help, or one sentence that describes the error.</summary>
internal sealed record Arguments(DrillSettings? Settings, bool WantsHelp, string? Message)
{
    public const string Help =
        """
        RestartDrill: starts AudioStudio, kills or deploys it at random moments under load, and compares what survived with its own ledger.

          dotnet run --project samples/RestartDrill [-- options]

          --kills N                   how often the server is killed: 1 to 10000 (default 10)
          --deploy N                  instead of kills: SIGTERM and the start of the next version behind a reverse proxy, 1 to 10000 times
          --points [N]                instead of a load: N kills (default 20) while one request waits at each named point of a paid job;
                                      with --supabase, N kills of the server and N of PostgreSQL
          --seed S                    decides the moments and what the clients ask (default: a new one, printed)
          --fault new-key-on-repeat   the clients forget their keys; the drill must then end with 1
          --fault charge-twice        with --points: the store charges each job twice; the drill must then end with 1
          --supabase                  accounts, credits and files on a stand-in of Supabase over a real PostgreSQL 15; of every 4 kills
                                      one takes the studio, one the stand-in, one PostgreSQL, and one all of them
          --audit FILE                instead of a drill: prints a person's statement and every fault of a database of the embedded
                                      store; the file is only read, so the application may keep running
          --user ID                   with --audit: whose statement is printed (default: the user of the latest entry)
          --help                      this text

        Exit codes: 0 nothing was lost; 1 something was lost, doubled, changed or wrong, or the audit found a fault;
        2 the drill proved nothing (no paid request was in flight at any kill or deploy, no repeat met work already paid, no click was
        repeated during a deploy, or something that can die was never killed: with --supabase it takes 4 kills to kill each);
        64 bad arguments; 130 interrupted.
        """;

    public static Arguments Parse(IReadOnlyList<string> arguments, int seedWhenAbsent)
    {
        var settings = new DrillSettings(DrillSettings.DefaultKills, seedWhenAbsent, Fault.None);
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = Split(arguments[i]);
            if (name is "--help" or "-h" or "-?")
            {
                return new Arguments(null, WantsHelp: true, null);
            }

            if (arguments[i] == "--supabase")
            {
                settings = settings with { Supabase = true };
                continue;
            }

            if (name == "--points")
            {
                // The number may be omitted, so that another option may follow.
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
