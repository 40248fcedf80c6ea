using System.Net;
using System.Net.Sockets;

namespace RestartDrill.Server;

/// <summary>
/// Ports for servers that are killed and come back to where they were. They lie below those that a system gives to whoever connects or asks
/// for any, and none is given out twice: nobody takes one while its server is dead.
/// </summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int Count = 10_000;

    // Two drills at the same time begin at different ones.
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
                // Somebody listens there already.
            }
        }

        throw new InvalidOperationException($"All ports from {First} to {First + Count - 1} are in use.");
    }
}
