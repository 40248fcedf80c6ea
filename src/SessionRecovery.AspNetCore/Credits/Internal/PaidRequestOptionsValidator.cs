using Microsoft.Extensions.Options;
using SessionRecovery.Shared;

namespace SessionRecovery.AspNetCore.Credits.Internal;

internal sealed class PaidRequestOptionsValidator : IValidateOptions<PaidRequestOptions>
{
    public ValidateOptionsResult Validate(string? name, PaidRequestOptions options) => new OptionsRules("PaidRequests")
        .Range(nameof(options.ReservationLifetime), options.ReservationLifetime, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10))
        .Range(nameof(options.RenewInterval), options.RenewInterval, TimeSpan.FromMilliseconds(500), options.ReservationLifetime / 2)
        .Range(nameof(options.MaxRequestBody), options.MaxRequestBody, 0, 1024L * 1024 * 1024)
        .ToResult();
}
