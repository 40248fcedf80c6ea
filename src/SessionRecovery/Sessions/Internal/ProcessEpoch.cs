using System.Security.Cryptography;

namespace SessionRecovery.Sessions.Internal;

/// <summary>Provides a new epoch for each process. The class is used by hosts whose state is not shared between processes.</summary>
internal sealed class ProcessEpoch : ISessionEpoch
{
    public string Current { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
}
