using System.Globalization;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Files;
using SessionRecovery.Health;
using SessionRecovery.Recovery;
using SessionRecovery.Warming;

namespace SessionRecovery.DependencyInjection.Internal;

/// <summary>Checks every setting against the limits that its documentation gives, and names the setting and the limit.</summary>
internal sealed class OptionsValidator :
    IValidateOptions<CreditOptions>,
    IValidateOptions<HealthOptions>,
    IValidateOptions<RecoveryOptions>,
    IValidateOptions<WarmingOptions>,
    IValidateOptions<UserFileOptions>
{
    public ValidateOptionsResult Validate(string? name, CreditOptions options) => new Findings("Credits")
        .Range("CacheDuration", options.CacheDuration, TimeSpan.Zero, TimeSpan.FromHours(1))
        .Range("UnversionedCacheDuration", options.UnversionedCacheDuration, TimeSpan.Zero, TimeSpan.FromHours(1))
        .Range("MaxStaleness", options.MaxStaleness, TimeSpan.Zero, TimeSpan.FromDays(30))
        .Range("MinRefreshInterval", options.MinRefreshInterval, TimeSpan.Zero, TimeSpan.FromMinutes(1))
        .Range("AttemptTimeout", options.AttemptTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1))
        .Range("MaxAttempts", options.MaxAttempts, 1, 10)
        .Range("RetryDelay", options.RetryDelay, TimeSpan.Zero, TimeSpan.FromSeconds(10))
        .Range("MaxCachedUsers", options.MaxCachedUsers, 100, 10_000_000)
        .Result();

    public ValidateOptionsResult Validate(string? name, HealthOptions options) => new Findings("Health")
        .Range("ProbeTimeout", options.ProbeTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1))
        .Range("RetryAfter", options.RetryAfter, TimeSpan.Zero, TimeSpan.FromMinutes(10))
        .Result();

    public ValidateOptionsResult Validate(string? name, RecoveryOptions options) => new Findings("Recovery")
        .Range("Cooldown", options.Cooldown, TimeSpan.Zero, TimeSpan.FromHours(1))
        .Range("Timeout", options.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5))
        .Range("MaxTrackedUsers", options.MaxTrackedUsers, 100, 10_000_000)
        .Result();

    public ValidateOptionsResult Validate(string? name, WarmingOptions options) => new Findings("Warming")
        .Range("Users", options.Users, 1, 10_000)
        .Range("ActiveWithin", options.ActiveWithin, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30))
        .Range("TimeBudget", options.TimeBudget, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(5))
        .Result();

    public ValidateOptionsResult Validate(string? name, UserFileOptions options) => new Findings("Files")
        .Check("Folder", Path.IsPathFullyQualified(options.Folder), "must be an absolute path on a disk that survives a deploy")
        .Range("MaxSize", options.MaxSize, 1, 10L * 1024 * 1024 * 1024)
        .Range("MaxFiles", options.MaxFiles, 1, 100_000)
        .Range("LinkLifetime", options.LinkLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromHours(24))
        .Result();

    private sealed class Findings(string section)
    {
        private readonly List<string> _found = [];

        public Findings Range<T>(string setting, T value, T least, T most)
            where T : IComparable<T>, IFormattable =>
            Check(setting, value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0, string.Create(CultureInfo.InvariantCulture, $"is {value}; it must be from {least} to {most}"));

        public Findings Check(string setting, bool holds, string rule)
        {
            if (!holds)
            {
                _found.Add($"SessionRecovery:{section}:{setting} {rule}.");
            }

            return this;
        }

        public ValidateOptionsResult Result() => _found.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_found);
    }
}
