using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionRecovery.DependencyInjection;

namespace SessionRecovery.AspNetCore.Tests.Hosting;

/// <summary>A web host on a free loopback port that uses the bearer tokens of ASP.NET Core. All data is in one temporary folder.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private TestHost(WebApplication app, HttpClient client)
    {
        _app = app;
        _client = client;
    }

    public IServiceProvider Services => _app.Services;

    public Uri Address => _client.BaseAddress!;

    /// <summary>Starts a host. The callback <paramref name="configure"/> adds services and options.</summary>
    public static async Task<TestHost> StartAsync(
        TemporaryFolder folder,
        Action<WebApplicationBuilder, SessionRecoveryBuilder>? configure = null,
        Action<WebApplication>? map = null,
        Action<WebApplication>? mapOurs = null,
        Action<IServiceCollection>? authenticate = null)
    {
        var app = Build(folder, configure, authenticate);
        app.MapPost("/sign-in/{user}", (string user) => TypedResults.SignIn(
            new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", user)], BearerTokenDefaults.AuthenticationScheme)),
            authenticationScheme: BearerTokenDefaults.AuthenticationScheme));
        if (mapOurs is null)
        {
            app.MapSessionRecovery();
        }
        else
        {
            mapOurs(app);
        }

        map?.Invoke(app);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new TestHost(app, new HttpClient { BaseAddress = new Uri(app.Urls.Single()) });
    }

    private static WebApplication Build(
        TemporaryFolder folder,
        Action<WebApplicationBuilder, SessionRecoveryBuilder>? configure,
        Action<IServiceCollection>? authenticate)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        if (authenticate is null)
        {
            builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
        }
        else
        {
            authenticate(builder.Services);
        }

        builder.Services.AddDataProtection().SetApplicationName("tests")
            .PersistKeysToFileSystem(Directory.CreateDirectory(folder.File("keys")));
        var recovery = builder.Services.AddSessionRecovery();
        if (configure is null)
        {
            recovery.UseSqlite($"Data Source={folder.File("credits.db")}").AddLocalFiles(folder.File("files"));
        }
        else
        {
            configure(builder, recovery);
        }

        return builder.Build();
    }

    /// <summary>Creates an HTTP client without an access token.</summary>
    public HttpClient Anonymous() => new() { BaseAddress = Address };

    /// <summary>Creates an HTTP client with an access token of <paramref name="user"/>.</summary>
    public async Task<HttpClient> SignInAsync(string user)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(user));
        return client;
    }

    public async Task<string> TokenAsync(string user)
    {
        using var response = await _client.PostAsync($"/sign-in/{user}", content: null);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
