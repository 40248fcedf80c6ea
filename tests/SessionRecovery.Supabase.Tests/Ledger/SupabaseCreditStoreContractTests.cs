using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Tests.Hosting;
using SessionRecovery.Testing;
using SessionRecovery.Testing.Postgres;
using SessionRecovery.Warming;

namespace SessionRecovery.Supabase.Tests.Ledger;

/// <summary>The contract of every ledger, on a real PostgreSQL with the shipped migrations.</summary>
[TestFixture]
public sealed class SupabaseCreditStoreContractTests : CreditStoreContract
{
    protected override UserId UserNamed(string name) => UserId.Create(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16)).ToString("D"));

    protected override async Task<ICreditStoreUnderTest> CreateStoreAsync(FakeTimeProvider clock)
    {
        var (server, database) = await LedgerDatabases.CreateAsync();
        return new StoreInADatabase(server, database, clock);
    }

    private sealed class StoreInADatabase : ICreditStoreUnderTest
    {
        private readonly ThrowAwayPostgres _server;
        private readonly string _name;
        private readonly NpgsqlDataSource _database;
        private readonly FakeTimeProvider _clock;
        private ServiceProvider _services;

        public StoreInADatabase(ThrowAwayPostgres server, string name, FakeTimeProvider clock)
        {
            (_server, _name, _clock) = (server, name, clock);
            _database = NpgsqlDataSource.Create($"{server.ConnectionString(name)};Maximum Pool Size=20");
            _services = Start();
        }

        public ICreditStore Store => new WithTokens(_services.GetRequiredService<ICreditStore>());

        public IActiveUserSource ActiveUsers => _services.GetRequiredService<IActiveUserSource>();

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
            await _database.DisposeAsync();
            await _server.DropDatabaseAsync(_name);
        }

        private ServiceProvider Start()
        {
            var services = new ServiceCollection();
            services.AddLogging();
            services.AddMetrics();
            services.AddSessionRecoveryCore<NobodysAuthority>()
                .UseSupabase(static options =>
                {
                    options.Url = "https://project.supabase.test";
                    options.PublishableKey = ScriptedHost.Publishable;
                    options.SecretKey = ScriptedHost.Secret;
                })
                .UseSupabaseLedger();
            services.AddHttpClient("SessionRecovery.Supabase").ConfigurePrimaryHttpMessageHandler(() => new RpcBridge(_database, _clock.GetUtcNow));
            return services.BuildServiceProvider();
        }
    }

    /// <summary>Users of this store are read with a token of theirs.</summary>
    private sealed class WithTokens(ICreditStore store) : ICreditStore
    {
        public ValueTask<CreditReading> ReadAsync(UserSession session, CancellationToken cancellationToken) =>
            store.ReadAsync(session.Token is null && !session.IsServer ? ScriptedHost.SessionOf(session.User) : session, cancellationToken);

        public ValueTask<CreditOutcome> ApplyAsync(CreditCommand command, CancellationToken cancellationToken) => store.ApplyAsync(command, cancellationToken);

        public ValueTask<IReadOnlyList<string>> AuditAsync(CancellationToken cancellationToken) => store.AuditAsync(cancellationToken);
    }
}
