using Microsoft.Extensions.Options;
using SessionRecovery.Credits.Internal;
using SessionRecovery.Shared;

namespace SessionRecovery.Health.Internal;

internal sealed class HealthOptionsValidator(
    IEnumerable<ProbeRegistration> probes, CreditSourceSelector? sources = null) : IValidateOptions<HealthOptions>
{
    public ValidateOptionsResult Validate(string? name, HealthOptions options)
    {
        // If two credit sources are registered, they may also register probes with the same name. In this case, CreditSourceSelector
        // reports the conflict between the sources.
        var groups = probes.GroupBy(static probe => probe.Name, StringComparer.Ordinal);
        if (sources is not { HasConflict: true } && groups.FirstOrDefault(static group => group.Count() > 1) is { } same)
        {
            return ValidateOptionsResult.Fail($"{string.Join(" and ", same)} have the same name. Rename or remove all but one.");
        }

        return new OptionsRules("Health")
            .Range(nameof(options.ProbeTimeout), options.ProbeTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1))
            .Range(nameof(options.RetryAfter), options.RetryAfter, TimeSpan.Zero, TimeSpan.FromMinutes(10))
            .ToResult();
    }
}
