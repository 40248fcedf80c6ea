using Microsoft.Extensions.Options;
using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Health.Internal;

/// <summary>
/// Checks whether the database of the Supabase project responds. The request contains no user token, and a response that denies the request
/// also proves that the database responds. The health endpoint of Supabase Auth is not used, because it reports success while the database
/// is down.
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
