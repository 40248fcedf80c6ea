using System.Diagnostics;

namespace SessionRecovery.Testing.Postgres;

/// <summary>Finds the PostgreSQL programs and runs them as a user that is not root, because PostgreSQL refuses to run as root.</summary>
internal static class PostgresPrograms
{
    private const string User = "postgres";

    private static readonly string[] Folders = [.. Enumerable.Range(15, 6).Select(version => $"/usr/lib/postgresql/{version}/bin")];

    private static readonly Lazy<(string? Folder, string? UnavailableReason)> Found = new(Find);

    public static string? UnavailableReason => Found.Value.UnavailableReason;

    public static string Path(string program) =>
        System.IO.Path.Combine(Found.Value.Folder ?? throw new InvalidOperationException(UnavailableReason), program);

    public static ProcessStartInfo Start(string program, params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,

            // The programs start in the root folder, because their user may have no access to the current folder.
            WorkingDirectory = "/",
        };
        if (Environment.IsPrivilegedProcess)
        {
            start.FileName = "runuser";
            start.ArgumentList.Add("-u");
            start.ArgumentList.Add(User);
            start.ArgumentList.Add("--");
            start.ArgumentList.Add(program);
        }
        else
        {
            start.FileName = program;
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    public static async Task<string> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} could not be started.");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {await errors}");
    }

    private static (string? Folder, string? UnavailableReason) Find()
    {
        if (OperatingSystem.IsWindows())
        {
            return (null, "A throw-away PostgreSQL needs a POSIX shell.");
        }

        var folder = Folders.Append(RunPgConfig())
            .FirstOrDefault(candidate => candidate is not null && File.Exists(System.IO.Path.Combine(candidate, "initdb")));
        if (folder is null)
        {
            return (null,
                "PostgreSQL 15 or later is not installed: no initdb in /usr/lib/postgresql/15/bin, nor where pg_config points "
                    + "(apt-get install postgresql-15).");
        }

        if (Environment.IsPrivilegedProcess && !CanRunAsOther())
        {
            return (null, "PostgreSQL does not run as root, and 'runuser -u postgres' does not work here.");
        }

        return (folder, null);
    }

    private static string? RunPgConfig() => TryRun(new ProcessStartInfo("pg_config") { ArgumentList = { "--bindir" } });

    private static bool CanRunAsOther() => TryRun(Start("id", "-u")) is not null;

    private static string? TryRun(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        try
        {
            using var process = Process.Start(start);
            var output = process!.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
