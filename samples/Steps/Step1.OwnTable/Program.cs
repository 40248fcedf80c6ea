using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

var builder = WebApplication.CreateBuilder(args);
var data = Directory.CreateDirectory(builder.Configuration["Data"] ?? "data");
builder.Services.AddDataProtection().SetApplicationName("Step1").PersistKeysToFileSystem(data.CreateSubdirectory("keys"));
builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
builder.Services.AddSingleton(new Wallets($"Data Source={data.FullName}/app.db"));
builder.Services.AddSessionRecovery().UseCreditReader<WalletReader>();

var app = builder.Build();
app.MapSessionRecovery();

// Replace this endpoint by your own sign-in. This endpoint accepts every name without a password and adds 50 credits for a new name.
app.MapPost("/sign-in/{name}", (string name, Wallets wallets) =>
{
    wallets.Execute("insert into wallets (user_id, credits) values ($user, 50) on conflict do nothing", name);
    return TypedResults.SignIn(
        new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", name)], BearerTokenDefaults.AuthenticationScheme)),
        authenticationScheme: BearerTokenDefaults.AuthenticationScheme);
});

// The app's own SQL changes the balance. RefreshAsync makes the change visible at once.
app.MapPost("/buy", async (HttpContext context, Wallets wallets, ICreditService credits) =>
{
    var session = await context.GetUserSessionAsync();
    wallets.Execute("update wallets set credits = credits + 10 where user_id = $user", session.User.Value);
    var result = await credits.RefreshAsync(session, context.RequestAborted);
    return Results.Ok(new { result.Balance?.Available });
}).RequireAuthorization();
app.Run();

/// <summary>Reads a balance from the host's own table. No other interface must be implemented for this.</summary>
internal sealed class WalletReader(Wallets wallets, TimeProvider time) : ICreditReader
{
    public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
    {
        // The clock is read before the query. If another program changes the balance during the query, the change is then later than the
        // time of this balance.
        var asOf = time.GetUtcNow();
        var credits = wallets.Execute("select credits from wallets where user_id = $user", session.User.Value);
        var result = credits is long value ? CreditReadResult.Current(new CreditBalance(value, asOf)) : CreditReadResult.NotFound;
        return ValueTask.FromResult(result);
    }
}

/// <summary>Replace this class by your own database.</summary>
internal sealed class Wallets
{
    private readonly string _connectionString;

    public Wallets(string connectionString)
    {
        _connectionString = connectionString;
        Execute("create table if not exists wallets (user_id text primary key, credits integer not null)", user: "");
    }

    public object? Execute(string sql, string user)
    {
        using var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$user", user);
        return command.ExecuteScalar();
    }
}
