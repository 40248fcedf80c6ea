using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Sqlite;

namespace SessionRecovery.Benchmarks;

/// <summary>
/// Measures requests of 64 clients to an endpoint with a price on SQLite. The result is compared with the same endpoint of the same host
/// without a price, whose handler runs a bare transaction before and after its work. Each client is a user of its own.
/// </summary>
internal static class PaidRequests
{
    private const int Clients = 64;
    private const int Rounds = 7;

    private static readonly TimeSpan RoundLength = TimeSpan.FromSeconds(1.5);
    private static readonly string[] Users = [.. Enumerable.Range(0, Clients).Select(static _ => Guid.NewGuid().ToString())];

    public static async Task<IReadOnlyList<Row>> RunAsync(Scratch scratch)
    {
        using var bare = new BareLedger(scratch.File("bare-requests.db"), Users);
        await using var app = Build(scratch.File("paid-requests.db"));
        app.MapPost("/paid", WriteAsync).RequireCredits(1);
        app.MapPost("/bare", (HttpContext context) =>
        {
            Consume(bare, context);
            var written = WriteAsync(context);
            Consume(bare, context);
            return written;
        }).RequireAuthorization();
        app.MapSessionRecovery();
        await app.StartAsync();
        var address = new Uri(app.Urls.Single());
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var paid = await RawClients.GetRateAsync(address, Clients, RoundLength, () => CreateRequest("/paid"));
            var peer = await RawClients.GetRateAsync(address, Clients, RoundLength, () => CreateRequest("/bare"));
            if (round > 0)
            {
                ours.Add(paid);
                theirs.Add(peer);
            }
        }

        var ratio = Median(ours) / Median(theirs);
        return
        [
            new("RequireCredits endpoint on SQLite, 64 clients", Row.Text($"{Median(ours):0}/s"),
                Row.Text($"the same endpoint with a bare transaction before and after: {Median(theirs):0}/s"), Row.Text($"{ratio:0.00}"),
                "≥ 3.0", ratio >= 3),
        ];
    }

    private static Task WriteAsync(HttpContext context)
    {
        context.Response.ContentLength = 4;
        return context.Response.WriteAsync("done");
    }

    private static void Consume(BareLedger bare, HttpContext context)
    {
        var user = context.User.FindFirstValue("sub")!;
        lock (bare)
        {
            bare.Consume(user);
        }
    }

    private static byte[] CreateRequest(string path) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser: {Users[Random.Shared.Next(Clients)]}\r\nIdempotency-Key: {Guid.NewGuid()}\r\n"
        + "Content-Length: 0\r\n\r\n");

    private static WebApplication Build(string database)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication("User").AddScheme<AuthenticationSchemeOptions, UserHeader>("User", null);
        builder.Services.AddSessionRecovery().UseSqlite($"Data Source={database}");
        builder.Services.Configure<SqliteStoreOptions>(static options => options.InitialCredits = 1_000_000);
        return builder.Build();
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Signs in the user that a request header names.</summary>
    private sealed class UserHeader(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var identity = new ClaimsIdentity([new Claim("sub", Request.Headers["User"].ToString())], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }
}
