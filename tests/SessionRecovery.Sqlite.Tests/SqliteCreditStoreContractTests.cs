using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Testing;
using SessionRecovery.Warming;

namespace SessionRecovery.Sqlite.Tests;

[TestFixture]
public sealed class SqliteCreditStoreContractTests : CreditStoreContract
{
    protected override async Task<ICreditStoreUnderTest> CreateStoreAsync(FakeTimeProvider clock)
    {
        var store = new StoreInAFile(clock);
        await store.ReopenAsync();
        return store;
    }

    private sealed class StoreInAFile(FakeTimeProvider clock) : ICreditStoreUnderTest
    {
        private readonly TemporaryFolder _folder = new();
        private StartedStore? _started;

        public ICreditStore Store => _started!.Credits;

        public ICreditStoreAudit Audit => _started!.Audit;

        public IActiveUserSource ActiveUsers => _started!.ActiveUsers;

        public long InitialCredits => 100;

        public bool HasOneOwner => true;

        public async ValueTask ReopenAsync()
        {
            if (_started is not null)
            {
                await _started.DisposeAsync();
            }

            _started = await StartedStore.StartAsync(_folder.ConnectionString, clock);
        }

        public async ValueTask DisposeAsync()
        {
            await _started!.DisposeAsync();
            _folder.Dispose();
        }
    }
}
