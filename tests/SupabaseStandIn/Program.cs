using Microsoft.Extensions.Configuration;
using Npgsql;
using SupabaseStandIn;
using SupabaseStandIn.Tokens;

string[] known =
    ["urls", "postgres", "migrations", "data", "auth", "storage", "signing", "refresh-algorithm", "reuse-interval", "token-lifetime"];
var arguments = new ConfigurationBuilder().AddCommandLine(args).Build();
if (arguments.AsEnumerable().Select(static pair => pair.Key).Except(known, StringComparer.OrdinalIgnoreCase)
    .FirstOrDefault() is { } unknown)
{
    Console.Error.WriteLine($"There is no option --{unknown}. There are --{string.Join(", --", known)}.");
    return 2;
}

var options = new StandInOptions
{
    Urls = arguments["urls"] ?? "http://127.0.0.1:54321",
    Postgres = arguments["postgres"],
    DedicatedPostgres = true,
    Migrations = bool.Parse(arguments["migrations"] ?? "true"),
    Data = arguments["data"],
    AuthVersion = arguments["auth"] ?? new StandInOptions().AuthVersion,
    StorageVersion = arguments["storage"] ?? new StandInOptions().StorageVersion,
    Signing = arguments["signing"] is { } signing ? Enum.Parse<SigningAlgorithm>(signing, ignoreCase: true) : SigningAlgorithm.ES256,
};
await using var standIn = await StandIn.StartAsync(options);
standIn.Control.Auth.RefreshAlgorithm = int.Parse(arguments["refresh-algorithm"] ?? "1", System.Globalization.CultureInfo.InvariantCulture);
standIn.Control.Auth.ReuseInterval = int.Parse(arguments["reuse-interval"] ?? "10", System.Globalization.CultureInfo.InvariantCulture);
standIn.Control.Auth.TokenLifetime = int.Parse(arguments["token-lifetime"] ?? "3600", System.Globalization.CultureInfo.InvariantCulture);
Console.WriteLine($"The stand-in is ready: {standIn.Url}");
Console.WriteLine($"publishable key: {standIn.Keys.Publishable}");
Console.WriteLine($"secret key:      {standIn.Keys.Secret}");
var database = new NpgsqlConnectionStringBuilder(standIn.Control.ConnectionString());
Console.WriteLine($"SQL editor:      psql -h {database.Host} -p {database.Port} -U {database.Username} {database.Database}");
await standIn.WaitForShutdownAsync();
return 0;
