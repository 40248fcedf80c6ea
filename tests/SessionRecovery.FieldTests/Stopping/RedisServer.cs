using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using TestRequirements;

namespace SessionRecovery.FieldTests.Stopping;

/// <summary>A Redis server on a free loopback port, without data on disk.</summary>
internal sealed class RedisServer : IDisposable
{
    private readonly Process _process;

    private RedisServer(Process process, int port)
    {
        _process = process;
        Configuration = $"127.0.0.1:{port},connectTimeout=2000,abortConnect=false";
    }

    public string Configuration { get; }

    public static async Task<RedisServer> StartAsync()
    {
        var port = FindPort();
        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo(
                "redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            {
                RedirectStandardOutput = true,
            });
        }
        catch (Win32Exception)
        {
            Requirement.Met("redis-server is not installed.");
        }

        // Redis writes this line when it listens.
        while (await process!.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                return new RedisServer(process, port);
            }
        }

        throw new InvalidOperationException("Redis did not start.");
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private static int FindPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
