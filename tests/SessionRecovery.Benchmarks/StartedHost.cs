using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace SessionRecovery.Benchmarks;

/// <summary>
/// Runs the process that the start benchmarks measure. The process is a host with SessionRecovery, or a host without SessionRecovery that
/// reads the same file itself.
/// </summary>
internal static class StartedHost
{
    public static async Task RunAsync(bool withUs, string database, string url)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls(url);
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication("Header").AddScheme<AuthenticationSchemeOptions, HeaderScheme>("Header", null);
        builder.Services.AddAuthorization();
        if (withUs)
        {
            builder.Services.AddSessionRecovery().UseSqlite($"Data Source={database}");
        }

        var app = builder.Build();
        if (withUs)
        {
            app.MapSessionRecovery();
        }
        else
        {
            var connection = new SqliteConnection($"Data Source={database}");
            connection.Open();
            app.MapGet("/auth/credits", (ClaimsPrincipal user) =>
                Results.Json(new { success = true, credits = Read(connection, user.FindFirstValue("sub")!) })).RequireAuthorization();
        }

        await app.RunAsync();
    }

    private static long? Read(SqliteConnection connection, string user)
    {
        lock (connection)
        {
            using var command = connection.CreateCommand();
            command.CommandText = "select credits - held from user_credits where user_id = $user";
            command.Parameters.AddWithValue("$user", user);
            return (long?)command.ExecuteScalar();
        }
    }

    /// <summary>Authenticates requests with a plain header, so that neither host verifies signatures during its start.</summary>
    private sealed class HeaderScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var identity = new ClaimsIdentity([new Claim("sub", Request.Headers["X-User"].ToString())], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }
}
