using NUnit.Framework;
using SessionRecovery.Testing.Postgres;

namespace AudioStudio.Tests.Running;

internal static class Postgres
{
    /// <summary>On CI a missing PostgreSQL fails the test; elsewhere the test is skipped with the reason.</summary>
    public static void Require()
    {
        if (ThrowAwayPostgres.WhyNot is not { } reason)
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
