using System.Diagnostics;
using System.IO.Pipes;

namespace AudioStudio.Supervision;

/// <summary>
/// Starts and stops a web process for the supervisor. The web process runs the same program with the same arguments and writes to the same
/// output streams. Two pipes connect the web process with the supervisor.
/// </summary>
internal sealed class WebProcess : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly AnonymousPipeServerStream _ready;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly Task<bool> _wasReady;

    private WebProcess(Process process, AnonymousPipeServerStream ready, TimeProvider time)
    {
        _process = process;
        _ready = ready;
        _time = time;
        _startedAt = time.GetTimestamp();
        _wasReady = ReadReadyAsync();
    }

    public static WebProcess Start(IEnumerable<string> arguments, TimeProvider time)
    {
        var ready = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(typeof(WebProcess).Assembly.Location);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[Lifeline.ReadyPipeVariable] = ready.GetClientHandleAsString();
        var process = Process.Start(start) ?? throw new InvalidOperationException("The web process could not be started.");
        ready.DisposeLocalCopyOfClientHandle();
        return new WebProcess(process, ready, time);
    }

    /// <summary>
    /// Waits for the exit of the process. If <paramref name="stop"/> is canceled before the exit, the method requests the process to stop.
    /// If the process does not exit within a timeout, the method kills the process.
    /// </summary>
    public async Task<ChildExit> WaitAsync(CancellationToken stop)
    {
        try
        {
            await _process.WaitForExitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            await StopAsync();
        }

        return new ChildExit(_process.ExitCode, await _wasReady, _time.GetElapsedTime(_startedAt));
    }

    public void Dispose()
    {
        _process.Dispose();
        _ready.Dispose();
    }

    private async Task StopAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Grace, _time);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task<bool> ReadReadyAsync()
    {
        var response = new byte[1];
        return await _ready.ReadAsync(response) > 0;
    }
}
