using System.Globalization;
using AudioStudio.Settings;

namespace AudioStudio.Supervision;

/// <summary>
/// Decides whether a web process is restarted. The first restart is immediate, and each later restart has a longer delay. If repeated
/// starts fail, the web process is not restarted any more.
/// </summary>
internal sealed class RestartPolicy
{
    public const int StartsWithoutSuccess = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The lifetime after which a web process is considered healthy. The exit of a healthy process resets the number of failed starts.
    /// </summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);

    private int _endsInARow;
    private int _failedStartsInARow;

    public RestartDecision After(ChildExit exit)
    {
        if (exit.Code == ExitCode.Stopped)
        {
            return RestartDecision.Stop(ExitCode.Stopped);
        }

        if (exit.Code == ExitCode.RefusedToSupervisor)
        {
            return RestartDecision.Stop(ExitCode.Refused);
        }

        _failedStartsInARow = exit.WasReady ? 0 : _failedStartsInARow + 1;
        if (_failedStartsInARow == StartsWithoutSuccess)
        {
            var attempts = Format($"The web process exited {StartsWithoutSuccess} times before it was ready");
            return RestartDecision.Stop(ExitCode.Refused, Format($"{attempts}, last with code {exit.Code}; it is not restarted."));
        }

        _endsInARow = exit.WasReady && exit.Lived >= LongEnough ? 1 : _endsInARow + 1;
        return RestartDecision.Restart(Pause(_endsInARow), Format($"The web process ended with exit code {exit.Code}; it starts again."));
    }

    private static TimeSpan Pause(int endsInARow) => endsInARow switch
    {
        1 => TimeSpan.Zero,
        < 8 => TimeSpan.FromTicks(Math.Min(FirstPause.Ticks << (endsInARow - 2), LongestPause.Ticks)),
        _ => LongestPause,
    };

    private static string Format(FormattableString sentence) => sentence.ToString(CultureInfo.InvariantCulture);
}
