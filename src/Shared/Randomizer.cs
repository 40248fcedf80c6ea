using System.Security.Cryptography;

namespace SessionRecovery.Shared;

/// <summary>The source of jitter, injected so that a test can fix it.</summary>
internal sealed class Randomizer(Func<double> next)
{
    /// <summary>Gets a randomizer over the operating system's generator, which is thread-safe.</summary>
    public static Randomizer Default { get; } = new(static () => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue);

    /// <summary>Returns a value from 0 (included) to 1 (excluded).</summary>
    public double NextDouble() => next();
}
