using System.Runtime.InteropServices;
using AudioStudio.Settings;

namespace AudioStudio.Supervision;

/// <summary>Keeps one web process running, and stops the web process when the supervisor stops.</summary>
internal sealed class Supervisor(Func<WebProcess> startWebProcess, RestartPolicy policy, TimeProvider time, TextWriter messages)
{
    private static readonly PosixSignal[] StopSignals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    /// <summary>Starts and supervises a second process of this program with the same arguments, until a stop signal arrives.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        var signals = StopSignals.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        })).ToArray();
        try
        {
            var supervisor = new Supervisor(
                () => WebProcess.Start(arguments, TimeProvider.System), new RestartPolicy(), TimeProvider.System, Console.Error);
            return await supervisor.RunAsync(stop.Token);
        }
        finally
        {
            Array.ForEach(signals, static signal => signal.Dispose());
        }
    }

    private async Task<int> RunAsync(CancellationToken stop)
    {
        while (true)
        {
            using var child = startWebProcess();
            var exit = await child.WaitAsync(stop);
            if (stop.IsCancellationRequested)
            {
                return ExitCode.Stopped;
            }

            var decision = policy.After(exit);
            if (decision.Message.Length > 0)
            {
                await messages.WriteLineAsync(decision.Message);
            }

            if (!decision.Restarts)
            {
                return decision.ExitCode;
            }

            await Task.Delay(decision.Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
            {
                return ExitCode.Stopped;
            }
        }
    }
}
