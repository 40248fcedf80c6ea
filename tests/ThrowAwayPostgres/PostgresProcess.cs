using System.Diagnostics;
using System.Globalization;

namespace SessionRecovery.Testing.Postgres;

/// <summary>
/// Represents one run of the PostgreSQL server. A shell supervises the server, and its standard input is a pipe from this process. When
/// this process exits, even after SIGKILL, the operating system closes the pipe. The shell then stops the server and deletes the folder.
/// The kernel's parent-death signal is not sufficient, because it depends on the *thread* that started the process, and is lost when the
/// user changes. The shell ignores signals that a terminal sends to the whole process group, because it would otherwise exit without
/// deleting the folder. To stop the server, this process writes the stop signal to the pipe. The shell then also sends SIGCONT, because a
/// frozen server does not handle signals.
/// </summary>
internal sealed class PostgresProcess : IDisposable
{
    private const string Shell =
        """
        trap '' INT TERM HUP
        folder=$1; shift
        "$@" </dev/null >>"$folder/log" 2>&1 &
        server=$!
        echo "$server"
        if read -r signal; then
          kill -s "$signal" "$server" 2>/dev/null
          kill -s CONT "$server" 2>/dev/null
          wait "$server"
        else
          kill -s QUIT "$server" 2>/dev/null
          kill -s CONT "$server" 2>/dev/null
          wait "$server"
          rm -rf "$folder"
        fi
        """;

    private readonly Process _shell;

    private PostgresProcess(Process shell, int id)
    {
        _shell = shell;
        Id = id;
    }

    /// <summary>Gets the process id of the server's main process.</summary>
    public int Id { get; }

    /// <summary>
    /// Gets a value that indicates whether the server has exited. A zombie process counts as exited, because its shell has not yet
    /// collected its exit status.
    /// </summary>
    public bool HasEnded
    {
        get
        {
            try
            {
                var state = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/stat"));
                return state[state.LastIndexOf(')') + 2] == 'Z';
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return true;
            }
        }
    }

    public static PostgresProcess Start(string folder, IEnumerable<string> settings)
    {
        var start = PostgresPrograms.Start("sh", ["-c", Shell, "throw-away-postgres", folder, PostgresPrograms.Path("postgres"), "-D",
            Path.Combine(folder, "data"), .. settings]);
        var shell = Process.Start(start) ?? throw new InvalidOperationException("The shell could not be started.");
        var id = shell.StandardOutput.ReadLine();
        if (id is null)
        {
            throw new InvalidOperationException($"The server could not be started: {shell.StandardError.ReadToEnd()}");
        }

        return new PostgresProcess(shell, int.Parse(id, CultureInfo.InvariantCulture));
    }

    /// <summary>Sends SIGSTOP to the server's main process and, optionally, to its child processes.</summary>
    public async Task FreezeAsync(bool withChildren, CancellationToken cancellationToken)
    {
        await SignalAsync("STOP", [Id], cancellationToken);
        if (withChildren)
        {
            await SignalAsync("STOP", Children(), cancellationToken);
        }
    }

    /// <summary>Sends SIGCONT to the server's main process and its child processes.</summary>
    public Task ThawAsync(CancellationToken cancellationToken) => SignalAsync("CONT", [.. Children(), Id], cancellationToken);

    public async Task StopAsync(PostgresStop how, CancellationToken cancellationToken)
    {
        SendSignal(how switch { PostgresStop.Smart => "TERM", PostgresStop.Fast => "INT", _ => "QUIT" });
        await _shell.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Sends SIGKILL to the server's main process and its child processes, and waits until all of them have exited.</summary>
    public void Kill()
    {
        try
        {
            using var server = Process.GetProcessById(Id);
            server.Kill(entireProcessTree: true);
        }
        catch (ArgumentException)
        {
            // The process had already exited, so no signal is needed.
        }

        SendSignal("KILL");
        _shell.WaitForExit();
    }

    public void Dispose()
    {
        if (!_shell.HasExited)
        {
            SendSignal("QUIT");
            _shell.WaitForExit();
        }

        _shell.Dispose();
    }

    private static async Task SignalAsync(string signal, IEnumerable<int> processes, CancellationToken cancellationToken)
    {
        var ids = processes.Select(static id => id.ToString(CultureInfo.InvariantCulture));
        await PostgresPrograms.RunAsync(PostgresPrograms.Start("sh", ["-c", "kill -s \"$@\"", "sh", signal, .. ids]), cancellationToken);
    }

    private IEnumerable<int> Children() => File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/task/{Id}/children"))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(static id => int.Parse(id, CultureInfo.InvariantCulture));

    private void SendSignal(string signal)
    {
        try
        {
            _shell.StandardInput.WriteLine(signal);
            _shell.StandardInput.Close();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The child process exited before the signal was sent.
        }
    }
}
