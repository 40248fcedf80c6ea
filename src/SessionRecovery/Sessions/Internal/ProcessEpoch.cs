using System.Security.Cryptography;

namespace SessionRecovery.Sessions.Internal;

/// <summary>The epoch of a host without shared state: a new one per process.</summary>
internal sealed class ProcessEpoch : ISessionEpoch
{
    public string Current { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
}
