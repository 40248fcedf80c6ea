using Microsoft.Extensions.Options;
using SessionRecovery.Shared;

namespace SessionRecovery.Sqlite.Storage.Internal;

internal sealed class SqliteStoreOptionsValidator : IValidateOptions<SqliteStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, SqliteStoreOptions options) => new OptionsRules("Sqlite")
        .Range(nameof(options.InitialCredits), options.InitialCredits, 0, 1_000_000_000)
        .Range(nameof(options.OwnerLockTimeout), options.OwnerLockTimeout, TimeSpan.Zero, SqliteStoreOptions.MaxOwnerLockTimeout)
        .Range(nameof(options.BusyTimeout), options.BusyTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(1))
        .ToResult();
}
