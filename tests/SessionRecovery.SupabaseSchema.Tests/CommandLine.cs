using System.Diagnostics;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Runs the Supabase command line tool from npm, with its own folder and home directory.</summary>
internal sealed class CommandLine : IDisposable
{
    private CommandLine(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>
    /// Installs the tool from the lock file, or returns the reason why it cannot be installed. The command <c>npm ci</c> is not used,
    /// because it requires that the lock file lists the programs of every platform.
    /// </summary>
    public static async Task<(CommandLine? Tool, string? UnavailableReason)> InstallAsync()
    {
        var tool = new CommandLine(Directory.CreateTempSubdirectory("supabase-cli-").FullName);
        foreach (var file in new[] { "package.json", "package-lock.json" })
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, "Cli", file), Path.Combine(tool.Folder, file));
        }

        try
        {
            var (code, output) = await RunAsync(tool.Folder, home: null, "npm", "install", "--no-audit", "--no-fund");
            if (code == 0)
            {
                return (tool, null);
            }

            tool.Dispose();
            return (null, $"npm could not install the Supabase command line tool: {output}");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            tool.Dispose();
            return (null, $"The Supabase command line tool needs node and npm: {exception.Message}");
        }
    }

    public Task<(int Code, string Output)> RunAsync(params string[] arguments) =>
        RunAsync(Folder, Folder, Path.Combine(Folder, "node_modules", ".bin", "supabase"), arguments);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static async Task<(int Code, string Output)> RunAsync(string folder, string? home, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["SUPABASE_TELEMETRY_DISABLED"] = "1" },
        };
        if (home is not null)
        {
            start.Environment["HOME"] = home;
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
