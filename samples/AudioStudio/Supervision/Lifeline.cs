using System.Diagnostics;
using System.IO.Pipes;

namespace AudioStudio.Supervision;

/// <summary>
/// The web process's end of the two pipes to its supervisor: it says on one that it is ready, and ends when the other,
/// its standard input, is cut. The operating system cuts a pipe however its owner ends, so no web process is left behind.
/// </summary>
internal sealed class Lifeline : IDisposable
{
    /// <summary>Carries the handle of the readiness pipe. In the environment, where no argument can shadow it.</summary>
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

    /// <summary>Whether a supervisor started this process.</summary>
    public static bool IsHeld => ReadyPipe is not null;

    private static string? ReadyPipe => Environment.GetEnvironmentVariable(ReadyPipeVariable);

    /// <summary>Starts watching, before anything that could take long.</summary>
    public static Lifeline? TakeIfHeld() => ReadyPipe is { } pipe ? new Lifeline(pipe) : null;

    /// <summary>Tells the supervisor that the host listens, and stops the host when the supervisor is gone or asks for it.</summary>
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
