using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Tests.Hosting;
using SessionRecovery.Testing;
using SessionRecovery.Warming;
using SupabaseStandIn;

namespace SessionRecovery.Supabase.Tests.Ledger;

/// <summary>
/// Runs the store contract against the ledger of the Supabase provider. The server's credential reads the balances, because the test users
/// have no account at Auth.
/// </summary>
internal sealed class LedgerUnderTest
    : ICreditStoreUnderTest, ICreditStore, ICreditStoreAudit, ICreditStoreHistory, ICreditStoreReservations, IActiveUserStore
{
    private readonly Action<SupabaseOptions> _configure;
    private readonly StandIn? _standIn;
    private readonly FakeTimeProvider? _clock;
    private ServiceProvider _services;

    /// <summary>Creates a store for an existing project, which uses its own clock.</summary>
    public LedgerUnderTest(Action<SupabaseOptions> configure)
    {
        _configure = configure;
        _services = Start();
    }

    /// <summary>Creates a store for a test double of Supabase, whose database uses the clock of the test.</summary>
    public LedgerUnderTest(StandIn standIn, FakeTimeProvider clock)
    {
        (_standIn, _clock, _configure) = (standIn, clock, standIn.Configure);
        _services = Start();
    }

    public ICreditStore Store => this;

    public ICreditStoreAudit Audit => this;

    public IActiveUserSource ActiveUsers => this;

    public long InitialCredits => 100;

    public bool HasOneOwner => false;

    private ICreditStore Inner => _services.GetRequiredService<ICreditStore>();

    public async ValueTask ReopenAsync()
    {
        await _services.DisposeAsync();
        _services = Start();
    }

    public async ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
    {
        await SetTimeAsync();
        return await Inner.ReadAsync(UserSession.AsServer(session.User), cancellationToken);
    }

    public async ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        await SetTimeAsync();
        return await Inner.ApplyAsync(command, cancellationToken);
    }

    public ValueTask<CreditHistoryPage> ReadHistoryAsync(UserId user, long? before, int limit, CancellationToken cancellationToken) =>
        ((ICreditStoreHistory)Inner).ReadHistoryAsync(user, before, limit, cancellationToken);

    public async ValueTask<IReadOnlyList<OpenCreditReservation>> ListOpenReservationsAsync(
        UserId? user, OpenCreditReservation? after, int limit, CancellationToken cancellationToken)
    {
        await SetTimeAsync();
        return await ((ICreditStoreReservations)Inner).ListOpenReservationsAsync(user, after, limit, cancellationToken);
    }

    public ValueTask<IReadOnlyList<string>> AuditAsync(CancellationToken cancellationToken) =>
        ((ICreditStoreAudit)Inner).AuditAsync(cancellationToken);

    public async ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(
        int limit, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await SetTimeAsync();
        return await _services.GetRequiredService<IActiveUserSource>().GetActiveUsersAsync(limit, since, cancellationToken);
    }

    public async ValueTask RecordAsync(IReadOnlyList<UserId> users, CancellationToken cancellationToken)
    {
        await SetTimeAsync();
        await ((IActiveUserStore)_services.GetRequiredService<IActiveUserSource>()).RecordAsync(users, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_standIn is not null)
        {
            await _standIn.DisposeAsync();
        }
    }

    private Task SetTimeAsync() => _standIn is null ? Task.CompletedTask : _standIn.Control.SetTimeAsync(_clock!.GetUtcNow());

    private ServiceProvider Start()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMetrics();
        if (_clock is not null)
        {
            services.AddSingleton<TimeProvider>(_clock);
        }

        services.AddSessionRecoveryCore<UnavailableTokenVerifier>().UseSupabase(_configure).UseSupabaseLedger();
        return services.BuildServiceProvider();
    }
}
