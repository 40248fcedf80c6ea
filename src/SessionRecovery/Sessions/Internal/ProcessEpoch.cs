using System.Security.Cryptography;

namespace SessionRecovery.Sessions.Internal;

/// <summary>Without shared state the process is what clients rely on: a new start is a new epoch.</summary>
internal sealed class ProcessEpoch : ISessionEpoch
{
    public string Current { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
}
