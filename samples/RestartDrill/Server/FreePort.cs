using System.Net;
using System.Net.Sockets;

namespace RestartDrill.Server;

/// <summary>
/// Allocates ports for servers that are killed and restarted on the same port. The ports are below the range from which the operating
/// system assigns ports, and each port is allocated only once. No other process can therefore take the port while its server is down.
/// </summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int Count = 10_000;

    // Concurrent drills start at different ports.
    private static int _last = Random.Shared.Next(Count);

    public static int Find()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (Interlocked.Increment(ref _last) % Count);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // The port is in use, so the next one is tried.
            }
        }

        throw new InvalidOperationException($"All ports from {First} to {First + Count - 1} are in use.");
    }
}
