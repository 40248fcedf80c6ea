using NUnit.Framework;
using SessionRecovery.Testing.Postgres;

namespace SupabaseStandIn.Tests;

internal static class Requirements
{
    public static void NeedPostgres()
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
