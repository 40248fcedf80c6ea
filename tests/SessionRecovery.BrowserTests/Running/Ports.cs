using System.Net;
using System.Net.Sockets;

namespace SessionRecovery.BrowserTests.Running;

/// <summary>
/// Loopback ports for servers that are ended and come back to where they were. They lie below those that a system gives to whoever asks for
/// any or connects to somewhere, and none is given out twice: nobody takes one while its server is away.
/// </summary>
internal static class Ports
{
    private const int First = 20_000;
    private const int Count = 10_000;

    // Two runs at the same time begin at different ones.
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
                // Somebody listens there already.
            }
        }

        throw new InvalidOperationException($"All ports from {First} to {First + Count - 1} are in use.");
    }
}
