using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Shared;

namespace SessionRecovery.AspNetCore.Credits.Internal;

internal sealed class PaidRequestOptionsValidator : IValidateOptions<PaidRequestOptions>
{
    public ValidateOptionsResult Validate(string? name, PaidRequestOptions options) => new OptionsRules("PaidRequests")
        .Range(nameof(options.ReservationLifetime), options.ReservationLifetime, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10))
        .Range(
            nameof(options.RenewInterval),
            options.RenewInterval,
            TimeSpan.FromMilliseconds(500),
            options.ReservationLifetime / 2,
            $"half of {nameof(options.ReservationLifetime)}")
        .Range(nameof(options.MaxWorkTime), options.MaxWorkTime, TimeSpan.FromSeconds(1), TimeSpan.FromHours(24))
        .Range(nameof(options.MaxStoredResponse), options.MaxStoredResponse, 0, StoredResponse.MaxBodyLength)
        .Range(nameof(options.MaxRequestBody), options.MaxRequestBody, 0, 1024L * 1024 * 1024)
        .ToResult();
}
