using Microsoft.Extensions.Options;
using SessionRecovery.Shared;

namespace SessionRecovery.Health.Internal;

internal sealed class HealthOptionsValidator : IValidateOptions<HealthOptions>
{
    public ValidateOptionsResult Validate(string? name, HealthOptions options) => new OptionsRules("Health")
        .Range(nameof(options.ProbeTimeout), options.ProbeTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1))
        .Range(nameof(options.RetryAfter), options.RetryAfter, TimeSpan.Zero, TimeSpan.FromMinutes(10))
        .ToResult();
}
