using NUnit.Framework;

namespace TestRequirements;

/// <summary>Checks for software that a test needs on its machine.</summary>
public static class Requirement
{
    /// <summary>Returns when the requirement is met. Otherwise the test fails on CI and is skipped on a developer's machine.</summary>
    /// <param name="reason">The reason why the requirement is not met, in one sentence, or <see langword="null"/> when it is met.</param>
    public static void Met(string? reason)
    {
        if (reason is null)
        {
            return;
        }

        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(reason);
        }

        Assert.Ignore(reason);
    }
}
