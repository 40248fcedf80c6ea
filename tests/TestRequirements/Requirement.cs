using NUnit.Framework;

namespace TestRequirements;

/// <summary>What a test needs of its machine.</summary>
public static class Requirement
{
    /// <summary>
    /// Goes on when nothing is missing. On CI, where everything must be there, a reason fails the test; on a developer's machine it skips
    /// it.
    /// </summary>
    /// <param name="whyNot">Why it can't be had, in one sentence; <see langword="null"/> when it is there.</param>
    public static void Met(string? whyNot)
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
