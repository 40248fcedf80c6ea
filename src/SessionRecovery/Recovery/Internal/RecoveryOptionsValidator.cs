using Microsoft.Extensions.Options;
using SessionRecovery.Shared;

namespace SessionRecovery.Recovery.Internal;

internal sealed class RecoveryOptionsValidator : IValidateOptions<RecoveryOptions>
{
    public ValidateOptionsResult Validate(string? name, RecoveryOptions options) => new OptionsRules("Recovery")
        .Range(nameof(options.Cooldown), options.Cooldown, TimeSpan.Zero, TimeSpan.FromHours(1))
        .Range(nameof(options.Timeout), options.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5))
        .Range(nameof(options.MaxTrackedUsers), options.MaxTrackedUsers, 100, 10_000_000)
        .ToResult();
}
