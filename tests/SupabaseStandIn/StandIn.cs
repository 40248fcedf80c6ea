using SupabaseStandIn.Auth;
using SupabaseStandIn.Control;
using SupabaseStandIn.Database;
using SupabaseStandIn.Gateway;
using SupabaseStandIn.Rest;
using SupabaseStandIn.Storage;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn;

/// <summary>
/// A test double of a Supabase project that uses a PostgreSQL database. The test double supports the requests that SessionRecovery and
/// supabase-js send, and is used only in tests.
/// </summary>
public sealed class StandIn : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly StandInDatabase _database;
    private readonly SchemaCache _schema;
    private readonly AuthService _auth;
    private readonly string? _temporary;

    private StandIn(WebApplication app, StandInDatabase database, SchemaCache schema, AuthService auth, StandInKeys keys,
        StandInControl control, string? temporary)
    {
        (_app, _database, _schema, _auth, _temporary) = (app, database, schema, auth, temporary);
        Keys = keys;
        Control = control;
    }

    /// <summary>Gets the URL of the project without a trailing slash.</summary>
    public string Url => _app.Urls.First();

    public StandInKeys Keys { get; }

    public StandInControl Control { get; }

    public static async Task<StandIn> StartAsync(StandInOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new StandInOptions();
        var database = await StandInDatabase.OpenAsync(options, cancellationToken);
        var temporary = options.Data is null ? Directory.CreateTempSubdirectory("supabase-stand-in-").FullName : null;
        var clock = new StandInClock(database);
        await clock.LoadAsync(cancellationToken);
        var ring = new KeyRing(database, options.Signing);
        await ring.LoadAsync(cancellationToken);
        var keys = await ProjectKeys.ReadAsync(database, ring, cancellationToken);
        var schema = new SchemaCache(database);
        await schema.StartAsync(cancellationToken);
        var (faults, counters, settings, rest) = (new FaultInjection(), new RequestCounters(), new AuthOptions(), new RestSettings());
        var auth = new AuthService(database, clock, ring, settings, options.AuthVersion);
        var control = new StandInControl(faults, counters, clock, ring, database, settings, rest, schema);

        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(options.Urls);
        builder.WebHost.ConfigureKestrel(static server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = null;
            server.Limits.MinRequestBodyDataRate = null;
            server.Limits.MaxRequestLineSize = 256 * 1024;
            server.Limits.MaxRequestHeadersTotalSize = 256 * 1024;
        });
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        var app = builder.Build();
        var gateway = new GatewayHandler(
            options.Gateway ? new KeyCheck(keys, ring) : null,
            counters,
            faults,
            auth,
            new RestService(database, schema, ring, clock, rest, options),
            new StorageService(database, ring, clock, options.Data ?? temporary!, options));
        var endpoint = new ControlEndpoint(control, keys);
        app.Run(context => context.Request.Path.StartsWithSegments("/control", StringComparison.Ordinal)
            ? endpoint.HandleAsync(context)
            : gateway.HandleAsync(context));
        await app.StartAsync(cancellationToken);
        return new StandIn(app, database, schema, auth, keys, control, temporary);
    }

    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        Control.ClearFaults();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _auth.DisposeAsync();
        await _schema.DisposeAsync();
        await _database.DisposeAsync();
        if (_temporary is not null)
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }
}
