using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Testing;
using SessionRecovery.Warming;

namespace Docs.Tests.Providers;

[TestFixture]
internal sealed class ExampleStoreContractTests : CreditStoreContract
{
    protected override Task<ICreditStoreUnderTest> CreateStoreAsync(FakeTimeProvider clock) =>
        Task.FromResult<ICreditStoreUnderTest>(new UnderTest(clock));

    private sealed class UnderTest(FakeTimeProvider clock) : ICreditStoreUnderTest
    {
        private readonly ExampleData _data = new();
        private ExampleCreditStore? _store;

        public ICreditStore Store => Current;

        public ICreditStoreAudit? Audit => Current;

        public IActiveUserSource ActiveUsers => Current;

        public long InitialCredits => 100;

        public bool HasOneOwner => true;

        private ExampleCreditStore Current => _store ??= new ExampleCreditStore(_data, clock);

        public ValueTask ReopenAsync()
        {
            _store = null;
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
