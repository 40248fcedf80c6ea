using System.Diagnostics;
using System.Globalization;

namespace SessionRecovery.Testing.Postgres;

/// <summary>
/// One run of the server, under a shell that holds our end of a pipe as its standard input. The operating system cuts that pipe however
/// this process ends, SIGKILL included, and the shell then ends the server and deletes the folder. The kernel's parent-death signal would
/// not do: it belongs to the *thread* that started the process, which in .NET may end at any time, and is lost when the user changes.
/// What a terminal or a supervisor sends to the whole group is ours to act on, not the shell's, which would go without deleting anything.
/// A line on the pipe is the signal to stop with; SIGCONT follows, because a frozen server would not see it.
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

    /// <summary>The postmaster's process id.</summary>
    public int Id { get; }

    /// <summary>Whether the server is gone, whoever ended it. A zombie is gone: its shell waits for us and not for it.</summary>
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

    /// <summary>SIGSTOP to the postmaster, and then to its children if they are meant, too.</summary>
    public async Task FreezeAsync(bool withChildren, CancellationToken cancellationToken)
    {
        await SignalAsync("STOP", [Id], cancellationToken);
        if (withChildren)
        {
            await SignalAsync("STOP", Children(), cancellationToken);
        }
    }

    /// <summary>SIGCONT to the postmaster and all its children.</summary>
    public Task ThawAsync(CancellationToken cancellationToken) => SignalAsync("CONT", [.. Children(), Id], cancellationToken);

    public async Task StopAsync(PostgresStop how, CancellationToken cancellationToken)
    {
        Tell(how switch { PostgresStop.Smart => "TERM", PostgresStop.Fast => "INT", _ => "QUIT" });
        await _shell.WaitForExitAsync(cancellationToken);
    }

    /// <summary>
    /// SIGKILL to the postmaster and all its children. When it returns they are gone, and the shell has buried the postmaster.
    /// </summary>
    public void Kill()
    {
        try
        {
            using var server = Process.GetProcessById(Id);
            server.Kill(entireProcessTree: true);
        }
        catch (ArgumentException)
        {
            // It had ended by itself.
        }

        Tell("KILL");
        _shell.WaitForExit();
    }

    public void Dispose()
    {
        if (!_shell.HasExited)
        {
            Tell("QUIT");
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

    private void Tell(string signal)
    {
        try
        {
            _shell.StandardInput.WriteLine(signal);
            _shell.StandardInput.Close();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // It has stopped listening: stopped before.
        }
    }
}
