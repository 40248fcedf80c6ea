using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.BearerToken;

var builder = WebApplication.CreateBuilder(args);
var data = Directory.CreateDirectory(builder.Configuration["Data"] ?? "data");
builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();

// The Data Protection keys are in the same file as the credits. Sign-ins and signed links therefore remain valid when a new container
// replaces the old one.
builder.Services.AddSessionRecovery()
    .UseSqlite($"Data Source={data.FullName}/credits.db")
    .AddLocalFiles($"{data.FullName}/files")
    .PersistDataProtectionKeys();

// The request log is switched off, because the log would contain the query strings of signed links. Anyone who reads such a query string
// can read the file.
builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);

var app = builder.Build();
app.MapSessionRecovery();

// Replace this endpoint by your own sign-in. This endpoint accepts every name without a password.
app.MapPost("/sign-in/{name}", (string name) => TypedResults.SignIn(
    new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", name)], BearerTokenDefaults.AuthenticationScheme)),
    authenticationScheme: BearerTokenDefaults.AuthenticationScheme));

// The credits are reserved before the handler runs, captured with its response, and released if the handler fails.
app.MapPost("/horoscopes", () => Results.Ok(new { text = $"Lucky number: {Random.Shared.Next(1000)}." })).RequireCredits(5);
app.Run();
