using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.BearerToken;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
builder.Services.AddAuthorization();
builder.Services.AddSessionRecovery().UseSqlite($"Data Source={builder.Configuration["Database"]}");

var app = builder.Build();
app.MapSessionRecovery();
app.MapPost("/sign-in/{name}", (string name) => TypedResults.SignIn(
    new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", name)], BearerTokenDefaults.AuthenticationScheme)),
    authenticationScheme: BearerTokenDefaults.AuthenticationScheme));
app.Run();
