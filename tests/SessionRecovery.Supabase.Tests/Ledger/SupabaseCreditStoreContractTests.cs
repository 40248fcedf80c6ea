using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Tests.Hosting;
using SessionRecovery.Testing;

namespace SessionRecovery.Supabase.Tests.Ledger;

/// <summary>
/// The contract of every ledger, through HTTP, on a real PostgreSQL with the shipped migrations: a stand-in's, or that of the project which
/// <c>SUPABASE_URL</c> and its keys name (docs/supabase.md).
/// </summary>
[TestFixture]
public sealed class SupabaseCreditStoreContractTests : CreditStoreContract
{
    // Every test has users of its own, since those of others stay in a project.
    private readonly string _test = Guid.NewGuid().ToString("N");

    protected override DateTimeOffset Now
    {
        get
        {
            NeedTheDatabasesClock();
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
        NeedTheDatabasesClock();
        base.AdvanceTime(time);
    }

    private static void NeedTheDatabasesClock()
    {
        if (ProjectUnderTest.IsNamed)
        {
            Assert.Ignore("It turns the database's clock, which only the stand-in lets it do.");
        }
    }
}
