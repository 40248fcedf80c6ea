using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;

namespace SessionRecovery.FieldTests.Hosting;

/// <summary>
/// A web host with SessionRecovery that uses Kestrel on a free loopback port. Tests can add middleware and services. All data is stored in
/// one temporary folder, which remains when the host restarts.
/// </summary>
internal sealed class FieldHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FieldHost(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
    }

    public Uri Address { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts the host.</summary>
    /// <param name="folder">The folder of the host's data.</param>
    /// <param name="map">A callback that maps endpoints.</param>
    /// <param name="use">A callback that adds middleware before the endpoints.</param>
    /// <param name="configure">A callback that adds services and options.</param>
    /// <param name="protocols">The protocols of the port.</param>
    /// <param name="authenticate">
    /// A callback that adds the host's own authentication schemes. The default is the bearer token scheme of ASP.NET Core.
    /// </param>
    public static async Task<FieldHost> StartAsync(
        DirectoryInfo folder,
        Action<WebApplication> map,
        Action<WebApplication>? use = null,
        Action<WebApplicationBuilder, SessionRecoveryBuilder>? configure = null,
        HttpProtocols protocols = HttpProtocols.Http1,
        Action<IServiceCollection>? authenticate = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        builder.Logging.ClearProviders();
        builder.Services.AddDataProtection().SetApplicationName("field").PersistKeysToFileSystem(folder.CreateSubdirectory("keys"));
        if (authenticate is null)
        {
            builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
        }
        else
        {
            authenticate(builder.Services);
        }

        builder.Services.AddAuthorization();
        var recovery = builder.Services.AddSessionRecovery().UseSqlite($"Data Source={folder.FullName}/credits.db");
        builder.Services.Configure<CreditOptions>(static options => options.MinRefreshInterval = TimeSpan.Zero);
        configure?.Invoke(builder, recovery);
        var app = builder.Build();
        use?.Invoke(app);
        app.MapPost("/sign-in/{user}", (string user) => TypedResults.SignIn(
            new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", user)], BearerTokenDefaults.AuthenticationScheme)),
            authenticationScheme: BearerTokenDefaults.AuthenticationScheme));
        app.MapSessionRecovery();
        map(app);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            // The services that did start would otherwise use the folder while the test deletes it.
            await app.DisposeAsync();
            throw;
        }

        return new FieldHost(app);
    }

    /// <summary>Creates an HTTP client that is signed in as the given user.</summary>
    public async Task<HttpClient> SignInAsync(string user, Version? version = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
        {
            BaseAddress = Address,
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await client.PostAsync($"/sign-in/{user}", content: null);
        var token = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Creates an HTTP client that is not signed in and does not follow redirects.</summary>
    public HttpClient Anonymous() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
    {
        BaseAddress = Address,
    };

    /// <summary>Reads the user's credits and held credits from the ledger.</summary>
    public static async Task<(long Credits, long Held)> BalanceAsync(HttpClient client)
    {
        var balance = await client.GetFromJsonAsync<JsonElement>("/auth/credits?refresh=true");
        return (balance.GetProperty("credits").GetInt64(), balance.GetProperty("held").GetInt64());
    }

    /// <summary>Returns the violations that the audit of the ledger finds.</summary>
    public async Task<IReadOnlyList<string>> AuditAsync() =>
        await Services.GetRequiredService<ICreditStoreAudit>().AuditAsync(CancellationToken.None);

    public Task StopAsync() => _app.StopAsync();

    /// <summary>Starts to stop the host, as SIGTERM does, and does not wait until the host has stopped.</summary>
    public void BeginStop() => Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>Creates a paid POST request with a JSON body.</summary>
    public static HttpRequestMessage Paid(string path, string key, string body = "{}") => new(HttpMethod.Post, path)
    {
        Content = new StringContent(body, Encoding.UTF8, "application/json"),
        Headers = { { "Idempotency-Key", key } },
    };
}
