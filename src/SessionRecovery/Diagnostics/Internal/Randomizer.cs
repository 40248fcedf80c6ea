using System.Security.Cryptography;

namespace SessionRecovery.Diagnostics.Internal;

/// <summary>Where jitter comes from, so that a test can fix it.</summary>
internal sealed class Randomizer(Func<double> next)
{
    /// <summary>The operating system's generator, which is thread-safe and costs nothing that a retry would notice.</summary>
    public static Randomizer Default { get; } = new(() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue);

    /// <summary>A value from 0 (included) to 1 (excluded).</summary>
    public double NextDouble() => next();
}
