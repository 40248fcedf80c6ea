using System.Security.Cryptography;

namespace SessionRecovery.Sessions.Internal;

/// <summary>Provides a new epoch for each process, for hosts without shared state.</summary>
internal sealed class ProcessEpoch : ISessionEpoch
{
    public string Current { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
}
