using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace RestartDrill.Server;

/// <summary>Runs AudioStudio as a web process with one port and one data folder, and can kill and restart the process.</summary>
/// <param name="dataFolder">The folder of the data.</param>
/// <param name="port">The port.</param>
/// <param name="program">The program to run instead of AudioStudio: a file beside the drill and its first arguments.</param>
internal sealed class StudioProcess(string dataFolder, int port, IReadOnlyList<string>? program = null) : IDisposable
{
    private const int MaxLines = 20;

    private readonly IReadOnlyList<string> _program = program ?? ["AudioStudio.dll", "--Supervise", "false"];
    private readonly ConcurrentQueue<string> _lastLines = new();
    private Process? _process;

    public Uri Address { get; } = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

    public bool HasEnded => _process?.HasExited ?? true;

    /// <summary>Gets the last output lines of the server, for the report of a failed start.</summary>
    public string LastLines => string.Join(Environment.NewLine, _lastLines);

    /// <summary>Starts the server.</summary>
    /// <param name="arguments">Arguments that select the storage. Without arguments, the server uses its data folder.</param>
    public void Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, _program[0]),
            },
        };
        foreach (var argument in _program.Skip(1).Concat(["--urls", Address.ToString(), "--Data", dataFolder]).Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        _lastLines.Clear();
        _process?.Dispose();
        _process = Process.Start(start) ?? throw new InvalidOperationException("The web process could not be started.");
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Sends SIGTERM, so that the process completes its requests and ends.</summary>
    /// <exception cref="PlatformNotSupportedException">The operating system does not support signals.</exception>
    public void Terminate()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("SIGTERM needs Linux or macOS.");
        }

        if (_process is { HasExited: false } process)
        {
            var id = process.Id.ToString(CultureInfo.InvariantCulture);

            // The shell's built-in command kill is used, because the separate program kill may not be installed.
            using var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {id}"]);
            kill.WaitForExit();
        }
    }

    /// <summary>Kills the process with SIGKILL (TerminateProcess on Windows) and waits for its exit.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    public void Dispose()
    {
        if (_process is not { } process)
        {
            return;
        }

        try
        {
            process.Kill();
            process.WaitForExit();
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // The process had already exited.
        }

        process.Dispose();
        _process = null;
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (!string.IsNullOrEmpty(line.Data))
        {
            _lastLines.Enqueue(line.Data);
            while (_lastLines.Count > MaxLines)
            {
                _lastLines.TryDequeue(out _);
            }
        }
    }
}
