using System.Collections.Concurrent;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.FieldTests.SignIn;

/// <summary>Reads the balance that a user has at one tenant. Replace <paramref name="wallets"/> by your own table.</summary>
internal sealed class TenantReader(ConcurrentDictionary<(string Tenant, string User), long> wallets, TimeProvider time) : ICreditReader
{
    public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
    {
        // A load has no HttpContext, because all requests of the user share it. The session contains what the load needs.
        var asOf = time.GetUtcNow();
        var tenant = session.Properties.GetValueOrDefault("tenant", "");
        return ValueTask.FromResult(wallets.TryGetValue((tenant, session.User.Value), out var credits)
            ? CreditReadResult.Current(new CreditBalance(credits, asOf))
            : CreditReadResult.NotFound);
    }
}
