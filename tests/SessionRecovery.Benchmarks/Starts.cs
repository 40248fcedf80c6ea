using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SessionRecovery.Benchmarks;

/// <summary>
/// Measures the time from the start of a process to its first correct balance, with and without SessionRecovery. The benchmark also
/// measures the time from a SIGKILL to the next correct balance, and the start after a crash that left a full write-ahead log.
/// </summary>
internal static class Starts
{
    private const int Rounds = 15;

    public static async Task<IReadOnlyList<Row>> RunAsync(Scratch scratch)
    {
        var database = scratch.File("starts.db");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        client.DefaultRequestHeaders.Add("X-User", "ada");
        var url = $"http://127.0.0.1:{FreePort()}";
        using var crashed = await CrashedDatabase.CreateAsync(scratch);
        var (with, without, killed, withLog) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            var host = Start(withUs: true, database, url);
            var ours = await WaitForFirstBalanceAsync(client, url, started, host);

            // The server is restarted immediately after it has exited.
            var killedAt = Stopwatch.GetTimestamp();
            End(host);
            host = Start(withUs: true, database, url);
            var afterKill = await WaitForFirstBalanceAsync(client, url, killedAt, host);
            End(host);

            started = Stopwatch.GetTimestamp();
            host = Start(withUs: false, database, url);
            var bare = await WaitForFirstBalanceAsync(client, url, started, host);
            End(host);

            var copy = crashed.Copy(scratch.File("crashed.db"));
            started = Stopwatch.GetTimestamp();
            host = Start(withUs: true, copy, url);
            var afterCrash = await WaitForFirstBalanceAsync(client, url, started, host);
            End(host);
            if (round > 0)
            {
                withLog.Add(afterCrash);
                with.Add(ours);
                killed.Add(afterKill);
                without.Add(bare);
            }
        }

        var (median, bareMedian, p95) = (At(with, 0.5), At(without, 0.5), At(killed, 0.95));
        return
        [
            new("process start to first correct balance (median)", Row.Text($"{median:0} ms"),
                Row.Text($"same host without us, same file: {bareMedian:0} ms"),
                Row.Text($"{median / bareMedian:0.00} ({median - bareMedian:+0;-0} ms)"), "+ 30 ms or less", median - bareMedian <= 30),
            new("SIGKILL to first correct balance (p95)", Row.Text($"{p95:0} ms (median {At(killed, 0.5):0})"),
                Row.Text($"start of the same host without us: {bareMedian:0} ms (median), {At(without, 0.95):0} ms (p95)"),
                Row.Text($"{p95 / bareMedian:0.00} ({p95 - bareMedian:+0;-0} ms)"), "+ 300 ms or less", p95 - bareMedian <= 300),
            new(
                Row.Text($"start with a write-ahead log of {crashed.LogSize / 1024 / 1024} MiB (median)"),
                Row.Text($"{At(withLog, 0.5):0} ms"),
                Row.Text($"start with an empty log: {median:0} ms"),
                Row.Text($"{At(withLog, 0.5) / median:0.00} ({At(withLog, 0.5) - median:+0;-0} ms)"), "-", null),
        ];
    }

    private static Process Start(bool withUs, string database, string url)
    {
        var start = new ProcessStartInfo("dotnet") { ArgumentList =
            { typeof(Starts).Assembly.Location, "host", withUs ? "with" : "without", database, url } };
        return Process.Start(start) ?? throw new InvalidOperationException("The host could not be started.");
    }

    private static void End(Process host)
    {
        host.Kill();
        host.WaitForExit();
        host.Dispose();
    }

    private static async Task<double> WaitForFirstBalanceAsync(HttpClient client, string url, long since, Process host)
    {
        while (Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30))
        {
            try
            {
                var response = await client.GetStringAsync(url + "/auth/credits");
                if (response.Contains("\"credits\":100", StringComparison.Ordinal))
                {
                    return Stopwatch.GetElapsedTime(since).TotalMilliseconds;
                }
            }
            catch (HttpRequestException)
            {
                await Task.Delay(2);
            }
        }

        End(host);
        throw new InvalidOperationException("The host returned no correct balance within 30 s.");
    }

    private static double At(List<double> values, double share) =>
        values.Order().ElementAt(Math.Clamp((int)Math.Ceiling(share * values.Count) - 1, 0, values.Count - 1));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
