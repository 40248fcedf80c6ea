using Microsoft.Extensions.Options;
using SessionRecovery.Shared;

namespace SessionRecovery.Warming.Internal;

internal sealed class WarmingOptionsValidator : IValidateOptions<WarmingOptions>
{
    public ValidateOptionsResult Validate(string? name, WarmingOptions options) => new OptionsRules("Warming")
        .Range(nameof(options.MaxUsers), options.MaxUsers, 1, 10_000)
        .Range(nameof(options.ActiveWithin), options.ActiveWithin, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30))
        .Range(nameof(options.TimeBudget), options.TimeBudget, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(5))
        .ToResult();
}
