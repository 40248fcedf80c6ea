using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Benchmarks;

/// <summary>
/// Provides copies of a database in the state that a crash leaves when it is most unfavorable: the write-ahead log has almost the size at
/// which SQLite copies it into the database.
/// </summary>
internal sealed class CrashedDatabase : IDisposable
{
    private const int Users = 500;
    private const long FullLog = 15 * 1024 * 1024;

    private readonly string _path;
    private readonly IHost _host;

    private CrashedDatabase(string path, IHost host)
    {
        _path = path;
        _host = host;
        LogSize = new FileInfo(path + "-wal").Length;
    }

    /// <summary>Gets the size of the write-ahead log, in bytes.</summary>
    public long LogSize { get; }

    public static async Task<CrashedDatabase> CreateAsync(Scratch scratch)
    {
        var path = scratch.File("crashed-original.db");
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSessionRecoveryCore<NoTokenVerifier>().UseSqlite($"Data Source={path}");
        var host = builder.Build();
        await host.StartAsync();
        var ledger = host.Services.GetRequiredService<ICreditLedger>();
        var users = Enumerable.Range(0, Users).Select(static _ => UserId.Create(Guid.NewGuid().ToString())).ToArray();
        for (var charge = 0; new FileInfo(path + "-wal").Length < FullLog; charge++)
        {
            await ledger.InitializeAsync(users[charge % Users]);
            await ledger.ConsumeAsync(users[charge % Users], 1, IdempotencyKey.Create(Guid.NewGuid().ToString()));
        }

        // The user whose balance the benchmark reads was active last, as in the database without a crash.
        await ledger.InitializeAsync(UserId.Create("ada"));
        return new CrashedDatabase(path, host);
    }

    /// <summary>Copies the database and its log to a path, and returns the path.</summary>
    public string Copy(string path)
    {
        foreach (var suffix in new[] { string.Empty, "-wal" })
        {
            using var source = new FileStream(_path + suffix, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var copy = new FileStream(path + suffix, FileMode.Create);
            source.CopyTo(copy);

            // The store had flushed its transactions before the crash, so the next start does not wait for the disk.
            copy.Flush(flushToDisk: true);
        }

        File.Delete(path + "-shm");
        return path;
    }

    public void Dispose() => _host.Dispose();
}
