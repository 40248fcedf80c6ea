using Microsoft.Extensions.DependencyInjection;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.FieldTests.Money;

/// <summary>Wraps the host's real credit store. A test can make commands fail before they reach the store, as on a full disk.</summary>
internal sealed class FailingStore : ICreditStore, ICreditStoreAudit, ICreditStoreHistory
{
    private ICreditStore? _inner;

    /// <summary>Gets or sets the predicate that selects the commands that fail.</summary>
    public Func<CreditCommand, bool> Fails { get; set; } = static _ => false;

    public static FailingStore Install(IServiceCollection services)
    {
        var store = new FailingStore();
        var real = services.Last(static service => service.ServiceType == typeof(ICreditStore));
        services.Remove(real);
        services.AddSingleton<ICreditStore>(provider =>
        {
            store._inner = (ICreditStore)real.ImplementationFactory!(provider);
            return store;
        });
        return store;
    }

    public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken) =>
        _inner!.ReadAsync(session, cancellationToken);

    public ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken) =>
        Fails(command) ? throw new IOException("The disk is full.") : _inner!.ApplyAsync(command, cancellationToken);

    public ValueTask<CreditHistoryPage> ReadHistoryAsync(UserId user, long? before, int limit, CancellationToken cancellationToken) =>
        ((ICreditStoreHistory)_inner!).ReadHistoryAsync(user, before, limit, cancellationToken);

    public ValueTask<IReadOnlyList<string>> AuditAsync(CancellationToken cancellationToken) =>
        ((ICreditStoreAudit)_inner!).AuditAsync(cancellationToken);
}
