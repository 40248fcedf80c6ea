using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RestartDrill.Settings;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;

namespace RestartDrill.Points.Server;

/// <summary>
/// Runs the server of a drill with named points. The server has the store of the drill, paid jobs, and endpoints that report and continue
/// the stopped requests. It runs in a separate process, which the drill kills.
/// </summary>
internal static class PointsServer
{
    /// <summary>The first argument of the program that starts this server instead of a drill.</summary>
    public const string Mode = "points-server";

    public const long Price = 5;

    public const string Reached = "/points";

    public const string Continue = "/points/continue";

    public static readonly TimeSpan ReservationLifetime = TimeSpan.FromSeconds(2);

    // A stopped command must wait until the process is killed. With a shorter timeout, the command would be sent again before the kill.
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromMinutes(1);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var database = Path.Combine(builder.Configuration["Data"]!, "studio.db");
        var points = new KillPoints();
        var group = new GroupGate(points, database);
        builder.Services.AddSingleton(points);
        builder.Services.AddSingleton<TimeProvider>(new KillPointTime(group));
        var recovery = AddSessions(builder.Services);
        if (builder.Configuration["Supabase:Url"] is { } url)
        {
            builder.Services.AddSupabaseAuthentication();
            recovery.UseSupabase(options =>
            {
                options.Url = url;
                options.PublishableKey = builder.Configuration["Supabase:PublishableKey"]!;
                options.SecretKey = builder.Configuration["Supabase:SecretKey"]!;
            }).UseSupabaseLedger();
        }
        else
        {
            builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
            recovery.UseSqlite($"Data Source={database}").PersistDataProtectionKeys();
        }

        Decorate(builder.Services, store => new KillPointStore(
            builder.Configuration["Fault"] == FaultNames.ChargeTwice ? new ChargeTwiceStore(store) : store, points, group));
        await using var app = builder.Build();
        Map(app, points);
        await app.RunAsync();
        return ExitCode.NothingLost;
    }

    private static SessionRecoveryBuilder AddSessions(IServiceCollection services) => services.AddSessionRecovery(static options =>
    {
        options.Credits.AttemptTimeout = AttemptTimeout;
        options.PaidRequests.ReservationLifetime = ReservationLifetime;
        options.PaidRequests.RenewInterval = ReservationLifetime / 4;
    });

    private static void Decorate(IServiceCollection services, Func<ICreditStore, ICreditStore> decorate)
    {
        var registered = services.Single(static service => service.ServiceType == typeof(ICreditStore));
        services.Remove(registered);
        services.AddSingleton(provider => decorate((ICreditStore)registered.ImplementationFactory!(provider)));
    }

    private static void Map(WebApplication app, KillPoints points)
    {
        // The middleware must be asynchronous, so that the mark of the request is removed when the request ends.
        app.Use(async (context, next) =>
        {
            if (Enum.TryParse<KillPoint>(context.Request.Headers[KillPoints.Header], out var point))
            {
                points.Mark(point);
            }

            await next(context);
        });
        app.MapSessionRecovery();
        app.MapJobs();
        app.MapGet(Reached, () => points.Reached.Select(static point => point.ToString()));
        app.MapPost(Continue, points.Continue);

        // Any user can sign in without a password. On Supabase, the test server that replaces Supabase issues the tokens.
        app.MapPost("/register", static () => TypedResults.Ok());
        app.MapPost("/login", static (Credentials credentials) => TypedResults.SignIn(
            new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", credentials.Email)], BearerTokenDefaults.AuthenticationScheme)),
            authenticationScheme: BearerTokenDefaults.AuthenticationScheme));
    }

    private sealed record Credentials(string Email);
}
