using Microsoft.Extensions.Options;

namespace SessionRecovery.AspNetCore.Credits.Internal;

internal sealed class PaidRequestOptionsValidator : IValidateOptions<PaidRequestOptions>
{
    public ValidateOptionsResult Validate(string? name, PaidRequestOptions options)
    {
        if (options.ReservationLifetime < TimeSpan.FromSeconds(2) || options.ReservationLifetime > TimeSpan.FromMinutes(10))
        {
            return ValidateOptionsResult.Fail($"SessionRecovery:PaidRequests:ReservationLifetime is {options.ReservationLifetime}; it must be from 2 s to 10 min.");
        }

        if (options.RenewInterval < TimeSpan.FromMilliseconds(500) || options.RenewInterval > options.ReservationLifetime / 2)
        {
            return ValidateOptionsResult.Fail($"SessionRecovery:PaidRequests:RenewInterval is {options.RenewInterval}; it must be from 500 ms to half of ReservationLifetime.");
        }

        return options.MaxRequestBody is < 0 or > 1024L * 1024 * 1024
            ? ValidateOptionsResult.Fail($"SessionRecovery:PaidRequests:MaxRequestBody is {options.MaxRequestBody}; it must be from 0 to 1 GiB.")
            : ValidateOptionsResult.Success;
    }
}
