using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Tests.Hosting;
using SessionRecovery.Testing;

namespace SessionRecovery.Supabase.Tests.Ledger;

/// <summary>
/// Runs the store contract over HTTP on a PostgreSQL database with the shipped migrations. The tests use a test double of Supabase, or the
/// project that <c>SUPABASE_URL</c> and the keys name (docs/supabase.md).
/// </summary>
[TestFixture]
public sealed class SupabaseCreditStoreContractTests : CreditStoreContract
{
    // Every test has its own users, because a project keeps the users of earlier tests.
    private readonly string _test = Guid.NewGuid().ToString("N");

    protected override DateTimeOffset Now
    {
        get
        {
            RequireDatabaseClock();
            return base.Now;
        }
    }

    protected override UserId CreateUser(string name) =>
        UserId.Create(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(_test + name)).AsSpan(0, 16)).ToString("D"));

    protected override async Task<ICreditStoreUnderTest> CreateStoreAsync(FakeTimeProvider clock) =>
        ProjectUnderTest.IsNamed
            ? new LedgerUnderTest(ProjectUnderTest.Configure)
            : new LedgerUnderTest(await StandIns.StartAsync(), clock);

    protected override void AdvanceTime(TimeSpan time)
    {
        RequireDatabaseClock();
        base.AdvanceTime(time);
    }

    private static void RequireDatabaseClock()
    {
        if (ProjectUnderTest.IsNamed)
        {
            Assert.Ignore("The test changes the database's clock, which only the stand-in supports.");
        }
    }
}
