using System.Diagnostics;
using System.IO.Pipes;

namespace AudioStudio.Supervision;

/// <summary>
/// Handles the web process's ends of the two pipes to its supervisor. The web process reports readiness on one pipe and stops when the
/// other, its standard input, is closed. The operating system closes a pipe when its owner exits, so no web process outlives its
/// supervisor.
/// </summary>
internal sealed class Lifeline : IDisposable
{
    /// <summary>The environment variable with the handle of the readiness pipe. Command-line arguments cannot override it.</summary>
    public const string ReadyPipeVariable = "AUDIOSTUDIO_READY_PIPE";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);

    private readonly CancellationTokenSource _cut = new();
    private readonly ManualResetEventSlim _ended = new();
    private readonly string _readyPipe;

    private Lifeline(string readyPipe)
    {
        _readyPipe = readyPipe;
        new Thread(Watch) { IsBackground = true, Name = "Lifeline" }.Start();
    }

    /// <summary>Gets a value that indicates whether a supervisor started this process.</summary>
    public static bool IsHeld => ReadyPipe is not null;

    private static string? ReadyPipe => Environment.GetEnvironmentVariable(ReadyPipeVariable);

    /// <summary>Starts watching. Call it before any long operation.</summary>
    public static Lifeline? TryOpen() => ReadyPipe is { } pipe ? new Lifeline(pipe) : null;

    /// <summary>
    /// Reports to the supervisor that the host is listening, and stops the host when the supervisor exits or requests it.
    /// </summary>
    public void Follow(IHostApplicationLifetime lifetime)
    {
        _cut.Token.Register(lifetime.StopApplication);
        using var ready = new AnonymousPipeClientStream(PipeDirection.Out, _readyPipe);
        try
        {
            ready.WriteByte(1);
        }
        catch (IOException)
        {
            lifetime.StopApplication();
        }
    }

    public void Dispose() => _ended.Set();

    private void Watch()
    {
        using (var input = Console.OpenStandardInput())
        {
            Span<byte> ignored = stackalloc byte[64];
            while (input.Read(ignored) > 0)
            {
            }
        }

        _cut.Cancel();
        if (!_ended.Wait(Grace))
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
        }
    }
}
