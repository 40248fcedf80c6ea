using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Shared;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Health.Internal;

/// <summary>
/// Checks whether the database of the Supabase project responds. The request contains no user token, and a response that denies the request
/// also proves that the database responds. The health endpoint of Supabase Auth is not used, because it reports success while the database
/// is down. The host sends at most one request per <see cref="CreditOptions.MinRefreshInterval"/>, because any signed-in user can cause a
/// check and the result is the same for all users.
/// </summary>
internal sealed class UpstreamCheck(
    SupabaseConnection connection, IOptions<SupabaseOptions> options, IOptions<CreditOptions> credits, TimeProvider time)
{
    private readonly string _path = $"/rest/v1/{options.Value.Table}?select={options.Value.UserIdColumn}&limit=0";
    private readonly SharedResult<ProbeResult> _result = new(time);

    public Task<ProbeResult> RunAsync() => _result.GetAsync(SendAsync, credits.Value.MinRefreshInterval);

    private async Task<ProbeResult> SendAsync()
    {
        try
        {
            var response = await connection.GetAsync(_path, SupabaseCredential.Application, CancellationToken.None).ConfigureAwait(false);
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
