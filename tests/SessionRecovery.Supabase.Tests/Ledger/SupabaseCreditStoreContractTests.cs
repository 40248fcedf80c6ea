using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Tests.Hosting;
using SessionRecovery.Testing;
using SessionRecovery.Warming;
using SupabaseStandIn;

namespace SessionRecovery.Supabase.Tests.Ledger;

/// <summary>The contract of every ledger, through HTTP, on a real PostgreSQL with the shipped migrations.</summary>
[TestFixture]
public sealed class SupabaseCreditStoreContractTests : CreditStoreContract
{
    protected override UserId UserNamed(string name) => UserId.Create(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16)).ToString("D"));

    protected override async Task<ICreditStoreUnderTest> CreateStoreAsync(FakeTimeProvider clock) => new StoreOnAStandIn(await StandIns.StartAsync(), clock);

    private sealed class StoreOnAStandIn : ICreditStoreUnderTest
    {
        private readonly StandIn _standIn;
        private readonly FakeTimeProvider _clock;
        private ServiceProvider _services;

        public StoreOnAStandIn(StandIn standIn, FakeTimeProvider clock)
        {
            (_standIn, _clock) = (standIn, clock);
            _services = Start();
        }

        public ICreditStore Store => new AtTheClocksTime(this);

        public IActiveUserSource ActiveUsers => new AtTheClocksTime(this);

        public long InitialCredits => 100;

        public bool HasOneOwner => false;

        public async ValueTask ReopenAsync()
        {
            await _services.DisposeAsync();
            _services = Start();
        }

        public async ValueTask DisposeAsync()
        {
            await _services.DisposeAsync();
            await _standIn.DisposeAsync();
        }

        private ServiceProvider Start()
        {
            var services = new ServiceCollection();
            services.AddLogging();
            services.AddMetrics();
            services.AddSessionRecoveryCore<NobodysAuthority>().UseSupabase(_standIn.Configure).UseSupabaseLedger();
            return services.BuildServiceProvider();
        }

        /// <summary>Users are read as the server, since they have no account at Auth; the database's time is the test's.</summary>
        private sealed class AtTheClocksTime(StoreOnAStandIn owner) : ICreditStore, IActiveUserSource
        {
            private readonly ICreditStore _store = owner._services.GetRequiredService<ICreditStore>();

            public async ValueTask<CreditReading> ReadAsync(UserSession session, CancellationToken cancellationToken)
            {
                await SetTimeAsync();
                return await _store.ReadAsync(UserSession.AsServer(session.User), cancellationToken);
            }

            public async ValueTask<CreditOutcome> ApplyAsync(CreditCommand command, CancellationToken cancellationToken)
            {
                await SetTimeAsync();
                return await _store.ApplyAsync(command, cancellationToken);
            }

            public ValueTask<IReadOnlyList<string>> AuditAsync(CancellationToken cancellationToken) => _store.AuditAsync(cancellationToken);

            public async ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(int limit, DateTimeOffset since, CancellationToken cancellationToken)
            {
                await SetTimeAsync();
                return await owner._services.GetRequiredService<IActiveUserSource>().GetActiveUsersAsync(limit, since, cancellationToken);
            }

            private Task SetTimeAsync() => owner._standIn.Control.SetTimeAsync(owner._clock.GetUtcNow());
        }
    }
}
