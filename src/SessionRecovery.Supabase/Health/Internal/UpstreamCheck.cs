using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Shared;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Health.Internal;

/// <summary>
/// Checks whether Supabase's database responds, without a user's rights. A denied request is a response too. Auth's own health endpoint
/// reports success while the database is down. The whole host sends one request per <see cref="CreditOptions.MinRefreshInterval"/> at most,
/// because any signed-in user can cause it and the result is the same for all users.
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
