using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.DataProtection;

var builder = WebApplication.CreateBuilder(args);
var data = Directory.CreateDirectory(builder.Configuration["Data"] ?? "data");

// Sign-ins remain valid after a restart only if the Data Protection keys that protect them are still available.
builder.Services.AddDataProtection().SetApplicationName("Step0").PersistKeysToFileSystem(data.CreateSubdirectory("keys"));
builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
builder.Services.AddSessionRecovery();

var app = builder.Build();
app.MapSessionRecovery();

// Replace this endpoint by your own sign-in. This endpoint accepts every name without a password.
app.MapPost("/sign-in/{name}", (string name) => TypedResults.SignIn(
    new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", name)], BearerTokenDefaults.AuthenticationScheme)),
    authenticationScheme: BearerTokenDefaults.AuthenticationScheme));
app.Run();
