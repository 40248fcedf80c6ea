using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SessionRecovery.BrowserTests.CrossOrigin;

/// <summary>Runs an API that a page on another origin uses. The API runs in a separate process, because a test kills it.</summary>
internal static class ApiHost
{
    /// <param name="arguments">
    /// The URL to listen on, the data folder, and the allowed origin. With Supabase, also the URL, the publishable key and the secret key
    /// of the project.
    /// </param>
    public static async Task Main(string[] arguments)
    {
        if (arguments is not [var url, var folder, var origin, ..] || arguments.Length is not (3 or 6))
        {
            throw new ArgumentException("Expected a URL, a folder and an origin, optionally with a Supabase project.", nameof(arguments));
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        if (arguments is [_, _, _, var project, var publishable, var secret])
        {
            builder.Services.AddSupabaseAuthentication();
            builder.Services.AddSessionRecovery().UseSupabase(options =>
            {
                options.Url = project;
                options.PublishableKey = publishable;
                options.SecretKey = secret;
            }).UseSupabaseLedger();
        }
        else
        {
            builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
            builder.Services.AddSessionRecovery().UseSqlite($"Data Source={Path.Combine(folder, "credits.db")}");
        }

        builder.Services.AddAuthorization();
        builder.Services.AddDataProtection().SetApplicationName("api")
            .PersistKeysToFileSystem(Directory.CreateDirectory(Path.Combine(folder, "keys")));
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(
            policy => policy.WithOrigins(origin).WithHeaders("authorization", "content-type").WithMethods("GET", "POST")));

        var app = builder.Build();
        app.UseCors();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapSessionRecovery();
        app.MapPost("/login", (Login login) => TypedResults.SignIn(
            new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", login.Email)], BearerTokenDefaults.AuthenticationScheme)),
            authenticationScheme: BearerTokenDefaults.AuthenticationScheme));
        app.MapPost("/api/work", () => TypedResults.Text("done")).RequireCredits(5);
        await app.RunAsync();
    }

    private sealed record Login(string Email, string Password);
}
