using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SessionRecovery.Benchmarks;

/// <summary>
/// Sends requests with minimal clients, so that the clients need little time of the shared processor. Only the status and the length of a
/// response are parsed.
/// </summary>
internal static class RawClients
{
    /// <summary>Sends requests over several connections for a time, and returns the number of responses per second.</summary>
    /// <param name="address">The address of the host.</param>
    /// <param name="connections">The number of connections, each with one request at a time.</param>
    /// <param name="time">The time for which requests are sent.</param>
    /// <param name="createRequest">Creates the bytes of a request.</param>
    public static async Task<double> GetRateAsync(Uri address, int connections, TimeSpan time, Func<byte[]> createRequest)
    {
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(
            Enumerable.Range(0, connections).Select(_ => Task.Run(() => SendRequestsAsync(address, time, createRequest, started))));
        return counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<int> SendRequestsAsync(Uri address, TimeSpan time, Func<byte[]> createRequest, long started)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, address.Port);
        var buffer = new byte[8192];
        var count = 0;
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            await socket.SendAsync(createRequest());
            await ReadResponseAsync(socket, buffer);
            count++;
        }

        return count;
    }

    private static async Task ReadResponseAsync(Socket socket, byte[] buffer)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length));
            length += read;
            var head = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (read == 0 || (head >= 0 && !buffer.AsSpan().StartsWith("HTTP/1.1 200"u8)))
            {
                throw new InvalidOperationException("The status of the host was not 200.");
            }

            if (head >= 0 && length == head + 4 + BodyLength(buffer.AsSpan(0, head)))
            {
                return;
            }
        }
    }

    private static int BodyLength(ReadOnlySpan<byte> head)
    {
        var start = head.IndexOf("Content-Length: "u8) + "Content-Length: ".Length;
        return Utf8Parser.TryParse(head[start..], out int length, out _)
            ? length
            : throw new InvalidOperationException("The answer has no length.");
    }
}
