using Microsoft.Extensions.Options;
using SessionRecovery.Shared;

namespace SessionRecovery.Credits.Internal;

internal sealed class CreditOptionsValidator : IValidateOptions<CreditOptions>
{
    public ValidateOptionsResult Validate(string? name, CreditOptions options) => new OptionsRules("Credits")
        .Range(nameof(options.CacheDuration), options.CacheDuration, TimeSpan.Zero, TimeSpan.FromHours(1))
        .Range(nameof(options.UnversionedCacheDuration), options.UnversionedCacheDuration, TimeSpan.Zero, TimeSpan.FromHours(1))
        .Range(nameof(options.MaxStaleness), options.MaxStaleness, TimeSpan.Zero, TimeSpan.FromDays(30))
        .Range(nameof(options.MinRefreshInterval), options.MinRefreshInterval, TimeSpan.Zero, TimeSpan.FromMinutes(1))
        .Range(nameof(options.AttemptTimeout), options.AttemptTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1))
        .Range(nameof(options.MaxAttempts), options.MaxAttempts, 1, 10)
        .Range(nameof(options.RetryDelay), options.RetryDelay, TimeSpan.Zero, TimeSpan.FromSeconds(10))
        .Range(nameof(options.MaxCachedUsers), options.MaxCachedUsers, 100, 10_000_000)
        .ToResult();
}
