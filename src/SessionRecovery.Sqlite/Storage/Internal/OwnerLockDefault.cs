using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Derives the default of <see cref="SqliteStoreOptions.OwnerLockTimeout"/> from the time that a stopping host gives its requests, because
/// the predecessor of this process may use all of it.
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
