using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

internal static class Require
{
    /// <summary>Skips the test for this reason; on CI, where everything must be there, it fails.</summary>
    public static void That(string? whyNot)
    {
        if (whyNot is null)
        {
            return;
        }

        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(whyNot);
        }

        Assert.Ignore(whyNot);
    }
}
