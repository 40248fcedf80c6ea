using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Purchases;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton<PurchaseLedger>();
if (builder.Configuration["SUPABASE_URL"] is null)
{
    // With the embedded store, one process uses one database file. The Data Protection keys for sign-ins are in the same file.
    var data = Directory.CreateDirectory(builder.Configuration["Data"] ?? "data");
    builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
    builder.Services.AddSessionRecovery().UseSqlite($"Data Source={data.FullName}/credits.db").PersistDataProtectionKeys();
}
else
{
    // With Supabase, the application can run on any number of nodes. The API keys are read from SUPABASE_ANON_KEY and
    // SUPABASE_SERVICE_ROLE_KEY.
    builder.Services.AddSupabaseAuthentication();
    builder.Services.AddSessionRecovery().UseSupabase().UseSupabaseLedger();
}

// A webhook without a secret would accept events from anyone.
foreach (var name in new[] { "Webhooks:StripeSecret", "Webhooks:StandardSecret" })
{
    if (string.IsNullOrEmpty(builder.Configuration[name]))
    {
        throw new InvalidOperationException($"The setting {name} is missing; it is the signing secret that the payment provider shows.");
    }
}

var app = builder.Build();
app.UseDefaultFiles().UseStaticFiles();
app.MapSessionRecovery();

// The signatures of the events take the place of a sign-in.
app.MapPost("/webhooks/stripe", StripeWebhook.HandleAsync).AllowAnonymous();
app.MapPost("/webhooks/standard", StandardWebhookHandler.HandleAsync).AllowAnonymous();

// Replace this endpoint by your own sign-in. This endpoint accepts every name without a password.
if (app.Configuration["SUPABASE_URL"] is null)
{
    app.MapPost("/sign-in/{name}", (string name) => TypedResults.SignIn(
        new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", name)], BearerTokenDefaults.AuthenticationScheme)),
        authenticationScheme: BearerTokenDefaults.AuthenticationScheme));
}

app.Run();
