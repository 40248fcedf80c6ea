using Microsoft.Extensions.Options;

namespace SessionRecovery.Sqlite.Storage.Internal;

internal sealed class SqliteStoreOptionsValidation : IValidateOptions<SqliteStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, SqliteStoreOptions options)
    {
        var failures = new List<string>();
        if (options.InitialCredits is < 0 or > 1_000_000_000)
        {
            failures.Add("SqliteStoreOptions.InitialCredits must be from 0 to 1,000,000,000.");
        }

        if (options.OwnerLockTimeout < TimeSpan.Zero || options.OwnerLockTimeout > TimeSpan.FromMinutes(10))
        {
            failures.Add("SqliteStoreOptions.OwnerLockTimeout must be from 0 to 10 minutes.");
        }

        if (options.BusyTimeout < TimeSpan.Zero || options.BusyTimeout > TimeSpan.FromMinutes(1))
        {
            failures.Add("SqliteStoreOptions.BusyTimeout must be from 0 to 1 minute.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
