using System.Net;
using System.Net.Sockets;

namespace SessionRecovery.BrowserTests.Running;

/// <summary>
/// Allocates loopback ports for servers that are restarted on the same port. The ports are below the range from which the operating system
/// assigns ports, and each port is allocated only once. No other process can therefore take a port while its server is stopped.
/// </summary>
internal static class Ports
{
    private const int First = 20_000;
    private const int Count = 10_000;

    // The first port is random, so that concurrent test runs use different ports.
    private static int _last = Random.Shared.Next(Count);

    public static int Next()
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
