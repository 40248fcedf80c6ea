using Microsoft.Extensions.Options;
using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Health.Internal;

/// <summary>
/// Checks whether Supabase's database responds, without a user's rights. A denied request is a response too. Auth's own health endpoint
/// reports success while the database is down.
/// </summary>
internal sealed class UpstreamProbe(SupabaseConnection connection, IOptions<SupabaseOptions> options) : ISessionProbe
{
    private readonly string _path = $"/rest/v1/{options.Value.Table}?select={options.Value.UserIdColumn}&limit=0";

    public async ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken)
    {
        try
        {
            var response = await connection.GetAsync(_path, SupabaseCredential.Application, cancellationToken).ConfigureAwait(false);
            return response.Succeeded ? ProbeResult.Healthy() : SupabaseErrorClassifier.ClassifyRest(response).Fault switch
            {
                SupabaseFault.Denied => ProbeResult.Healthy(),
                SupabaseFault.KeyRejected => ProbeResult.Inconclusive("key_refused"),
                SupabaseFault.Outage or SupabaseFault.Busy => ProbeResult.Inconclusive("unavailable"),
                _ => ProbeResult.Inconclusive("not_set_up"),
            };
        }
        catch (SupabaseException)
        {
            return ProbeResult.Inconclusive("unreachable");
        }
    }
}
