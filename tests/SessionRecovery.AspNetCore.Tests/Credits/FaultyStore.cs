using Microsoft.Extensions.DependencyInjection;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Tests.Credits;

/// <summary>Wraps a real credit store. A test can make a command fail before it reaches the store or after it was applied.</summary>
internal sealed class FaultyStore(ICreditStore inner) : ICreditStore, ICreditStoreAudit, ICreditStoreHistory
{
    /// <summary>Gets or sets the predicate that selects the commands that fail before they reach the store.</summary>
    public Func<CreditCommand, bool> CutBefore { get; set; } = static _ => false;

    /// <summary>
    /// Gets or sets the predicate that selects the commands that are applied but whose response is lost. A proxy cannot simulate this
    /// failure.
    /// </summary>
    public Func<CreditCommand, bool> CutAfter { get; set; } = static _ => false;

    public static void Install(IServiceCollection services)
    {
        var real = services.Last(service => service.ServiceType == typeof(ICreditStore));
        services.Remove(real);
        services.AddSingleton(provider => new FaultyStore((ICreditStore)real.ImplementationFactory!(provider)));
        services.AddSingleton<ICreditStore>(provider => provider.GetRequiredService<FaultyStore>());
    }

    public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken) =>
        inner.ReadAsync(session, cancellationToken);

    public async ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        if (CutBefore(command))
        {
            throw new IOException("The line was cut.");
        }

        var outcome = await inner.ApplyAsync(command, cancellationToken);
        return CutAfter(command) ? throw new IOException("The answer was lost.") : outcome;
    }

    public ValueTask<CreditHistoryPage> ReadHistoryAsync(UserId user, long? before, int limit, CancellationToken cancellationToken) =>
        ((ICreditStoreHistory)inner).ReadHistoryAsync(user, before, limit, cancellationToken);

    public ValueTask<IReadOnlyList<string>> AuditAsync(CancellationToken cancellationToken) =>
        ((ICreditStoreAudit)inner).AuditAsync(cancellationToken);
}
