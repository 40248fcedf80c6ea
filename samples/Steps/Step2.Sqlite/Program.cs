using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.BearerToken;

var builder = WebApplication.CreateBuilder(args);
var data = Directory.CreateDirectory(builder.Configuration["Data"] ?? "data");
builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();

// The keys of sign-ins and links are in the same file as the credits, so that both survive a new container.
builder.Services.AddSessionRecovery()
    .UseSqlite($"Data Source={data.FullName}/credits.db")
    .AddLocalFiles($"{data.FullName}/files")
    .PersistDataProtectionKeys();

// The request log is switched off, because it would write the query strings of signed links, and with them a permission to read a file.
builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);

var app = builder.Build();
app.MapSessionRecovery();

// Replace this endpoint by your own sign-in. It accepts every name without a password.
app.MapPost("/sign-in/{name}", (string name) => TypedResults.SignIn(
    new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", name)], BearerTokenDefaults.AuthenticationScheme)),
    authenticationScheme: BearerTokenDefaults.AuthenticationScheme));

// The credits are reserved before the handler, captured with its response, and released if it fails.
app.MapPost("/horoscopes", () => Results.Ok(new { text = $"Lucky number: {Random.Shared.Next(1000)}." })).RequireCredits(5);
app.Run();
