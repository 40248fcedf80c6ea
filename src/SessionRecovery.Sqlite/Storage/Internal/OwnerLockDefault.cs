using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Computes the default of <see cref="SqliteStoreOptions.OwnerLockTimeout"/> from the shutdown timeout of the host. A previous process of
/// the application may use the file for the whole shutdown timeout.
/// </summary>
internal sealed class OwnerLockDefault(IOptions<HostOptions> host) : IConfigureOptions<SqliteStoreOptions>
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    public void Configure(SqliteStoreOptions options)
    {
        var drain = host.Value.ShutdownTimeout;
        var isLimited = drain >= TimeSpan.Zero && drain <= SqliteStoreOptions.MaxOwnerLockTimeout - Margin;
        options.DefaultOwnerLockTimeout = isLimited ? drain + Margin : SqliteStoreOptions.MaxOwnerLockTimeout;
    }
}
