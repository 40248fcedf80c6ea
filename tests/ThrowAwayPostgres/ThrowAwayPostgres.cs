using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Npgsql;

namespace SessionRecovery.Testing.Postgres;

/// <summary>
/// A PostgreSQL server with a new temporary folder, which accepts only connections to 127.0.0.1 and needs no passwords. The server stops on
/// <see cref="DisposeAsync"/>, and also when this process exits without disposing the object.
/// </summary>
public sealed class ThrowAwayPostgres : IAsyncDisposable
{
    /// <summary>The name of the superuser, which is the same as on the hosted platform.</summary>
    public const string Superuser = "supabase_admin";

    private const string MemoryFolder = "/dev/shm";
    private const long NeededMemory = 4L << 30;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string _folder;
    private readonly PostgresOptions _options;
    private PostgresProcess? _process;

    private ThrowAwayPostgres(string folder, int port, PostgresOptions options)
    {
        _folder = folder;
        Port = port;
        _options = options;
    }

    /// <summary>Gets one sentence with the reason why PostgreSQL is unavailable, or null if PostgreSQL is available.</summary>
    public static string? UnavailableReason => PostgresPrograms.UnavailableReason;

    public int Port { get; }

    public bool IsRunning => _process is { HasEnded: false };

    /// <summary>
    /// Gets a value that indicates whether a client has sent data that the server has not read. The server is then frozen, or is about to
    /// read the data.
    /// </summary>
    public bool HasUnread
    {
        get
        {
            var address = string.Create(CultureInfo.InvariantCulture, $":{Port:X4}");
            return File.ReadLines("/proc/net/tcp").Skip(1).Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Any(socket => socket[1].EndsWith(address, StringComparison.Ordinal)
                    && !socket[4].EndsWith(":00000000", StringComparison.Ordinal));
        }
    }

    /// <summary>Gets the output of the server since its first start.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : string.Empty;

    private PostgresProcess Running => _process ?? throw new InvalidOperationException("The server is not running.");

    private string LogFile => Path.Combine(_folder, "log");

    public static async Task<ThrowAwayPostgres> StartAsync(PostgresOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (UnavailableReason is { } reason)
        {
            throw new InvalidOperationException(reason);
        }

        options ??= new PostgresOptions();
        var template = Path.Combine(Parent(options), "throw-away-postgres-XXXXXX");
        var folder = (await PostgresPrograms.RunAsync(PostgresPrograms.Start("mktemp", "-d", template), cancellationToken)).Trim();
        var server = new ThrowAwayPostgres(folder, FindFreePort(), options);
        try
        {
            var create = PostgresPrograms.Start(
                PostgresPrograms.Path("initdb"),
                "-D", Path.Combine(folder, "data"), "-U", Superuser, "--auth=trust", "--no-sync", "--no-instructions", "-E", "UTF8",
                    "--locale=C.UTF-8");
            await PostgresPrograms.RunAsync(create, cancellationToken);
            await server.StartAgainAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public string ConnectionString(string database = "postgres", string user = Superuser) =>
        string.Create(CultureInfo.InvariantCulture,
            $"Host=127.0.0.1;Port={Port};Database={database};Username={user};Include Error Detail=true;Timeout=15");

    /// <summary>Kills the server and all its processes with SIGKILL and waits until they have exited. The data files remain.</summary>
    public void Kill()
    {
        _process?.Kill();
        _process?.Dispose();
        _process = null;
    }

    public async Task StopAsync(PostgresStop how = PostgresStop.Fast, CancellationToken cancellationToken = default)
    {
        if (_process is { } process)
        {
            await process.StopAsync(how, cancellationToken);
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>
    /// Sends SIGSTOP to the server. The operating system still accepts connections, but the server does not respond on them. If
    /// <c>withBackends</c> is false, connections that were already open still get responses.
    /// </summary>
    public Task FreezeAsync(bool withBackends, CancellationToken cancellationToken = default) =>
        Running.FreezeAsync(withBackends, cancellationToken);

    /// <summary>Resumes the server after <see cref="FreezeAsync"/>.</summary>
    public Task ThawAsync(CancellationToken cancellationToken = default) => Running.ThawAsync(cancellationToken);

    /// <summary>
    /// Starts a stopped or killed server on the same port and with the same data, and waits until it accepts connections.
    /// </summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        if (IsRunning)
        {
            throw new InvalidOperationException("The server is running.");
        }

        _process?.Dispose();
        _process = PostgresProcess.Start(_folder, Settings().SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" }));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        while (!await IsReadyAsync(limit.Token))
        {
            if (_process.HasEnded)
            {
                throw new InvalidOperationException($"PostgreSQL did not start: {Log}");
            }

            await Task.Delay(Pause, limit.Token);
        }
    }

    /// <summary>Runs an SQL script in one batch.</summary>
    public async Task ExecuteAsync(
        string sql, string database = "postgres", string user = Superuser, CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database, user) + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Copies a template database, which takes a few milliseconds. The copy has the same owner. The template must have no open connection.
    /// </summary>
    public async Task CreateDatabaseAsync(string database, string template = "template1", CancellationToken cancellationToken = default)
    {
        // The strategy file_copy is used, because without fsync, copying files is faster than writing every page to the write-ahead log.
        await ExecuteAsync($"create database \"{database}\" template \"{template}\" strategy file_copy",
            cancellationToken: cancellationToken);
        await ExecuteAsync(
            $"""
            do $$ begin
                execute (select format('alter database %I owner to %s', '{database}', datdba::regrole) from pg_database where datname =
                    '{template}');
            end $$
            """,
            cancellationToken: cancellationToken);
    }

    public Task DropDatabaseAsync(string database, CancellationToken cancellationToken = default) =>
        ExecuteAsync($"drop database if exists \"{database}\" with (force)", cancellationToken: cancellationToken);

    /// <summary>
    /// Creates the objects of the hosted platform: its roles, the schema <c>auth</c> with <c>auth.users</c> and the functions that read
    /// token claims, default privileges, and timeouts. Migrations can then run as the user <c>postgres</c>, which is not a superuser.
    /// </summary>
    public async Task ApplySupabasePlatformAsync(string database = "postgres", CancellationToken cancellationToken = default)
    {
        await using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream("SupabasePlatform.sql")!;
        using var reader = new StreamReader(resource);
        await ExecuteAsync(await reader.ReadToEndAsync(cancellationToken), database, cancellationToken: cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(PostgresStop.Immediate);
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    // A database consists of about 300 files. Creating and deleting them in a memory file system takes a tenth of the time on disk.
    private static string Parent(PostgresOptions options)
    {
        var memory = new DriveInfo(MemoryFolder);
        return !options.Durable && memory is { IsReady: true, DriveFormat: "tmpfs", AvailableFreeSpace: >= NeededMemory }
            ? MemoryFolder
            : Path.GetTempPath();
    }

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Dictionary<string, string> Settings()
    {
        var durable = _options.Durable ? "on" : "off";
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = "127.0.0.1",
            ["port"] = Port.ToString(CultureInfo.InvariantCulture),
            ["unix_socket_directories"] = _folder,
            ["fsync"] = durable,
            ["synchronous_commit"] = durable,
            ["full_page_writes"] = durable,

            // The write-ahead logs of many concurrent servers must fit into memory.
            ["max_wal_size"] = "256MB",
            ["max_connections"] = _options.MaxConnections.ToString(CultureInfo.InvariantCulture),
            ["timezone"] = "UTC",
        };
        foreach (var (name, value) in _options.Settings)
        {
            settings[name] = value;
        }

        return settings;
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString() + ";Pooling=false");
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
