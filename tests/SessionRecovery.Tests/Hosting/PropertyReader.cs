using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Tests.Hosting;

/// <summary>Reads from the scripted store, as a host's own reader without a ledger.</summary>
internal sealed class PropertyReader(ScriptedStore store) : ICreditReader
{
    public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken) =>
        store.ReadAsync(session, cancellationToken);
}
