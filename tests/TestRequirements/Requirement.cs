using NUnit.Framework;

namespace TestRequirements;

/// <summary>Checks whether the software that a test needs is installed on the machine.</summary>
public static class Requirement
{
    /// <summary>
    /// Returns if the requirement is met. If the requirement is not met, the test fails on CI and is skipped on a developer's machine.
    /// </summary>
    /// <param name="reason">
    /// One sentence with the reason why the requirement is not met, or <see langword="null"/> if the requirement is met.
    /// </param>
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
