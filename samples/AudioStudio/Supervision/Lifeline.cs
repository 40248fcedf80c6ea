using System.Diagnostics;
using System.IO.Pipes;

namespace AudioStudio.Supervision;

/// <summary>
/// Connects the web process with its supervisor through two pipes. The web process writes to the first pipe when it is ready. The second
/// pipe is the standard input of the web process, which stops when this pipe is closed. The operating system closes the pipe when the
/// supervisor exits, so the web process never runs longer than its supervisor.
/// </summary>
internal sealed class Lifeline : IDisposable
{
    /// <summary>
    /// The environment variable with the handle of the readiness pipe. Command-line arguments cannot override this variable.
    /// </summary>
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

    /// <summary>Starts to watch the pipe of the supervisor. Call this method before any long operation.</summary>
    public static Lifeline? TryOpen() => ReadyPipe is { } pipe ? new Lifeline(pipe) : null;

    /// <summary>
    /// Reports to the supervisor that the host is listening. Stops the host when the supervisor exits or requests that the host stops.
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
