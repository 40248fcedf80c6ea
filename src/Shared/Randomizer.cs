using System.Security.Cryptography;

namespace SessionRecovery.Shared;

/// <summary>Provides random numbers for jitter. Tests inject a fixed value.</summary>
internal sealed class Randomizer(Func<double> next)
{
    /// <summary>Gets a randomizer that uses the random number generator of the operating system, which is thread-safe.</summary>
    public static Randomizer Default { get; } = new(static () => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue);

    /// <summary>Returns a value that is at least 0 and less than 1.</summary>
    public double NextDouble() => next();
}
