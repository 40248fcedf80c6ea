using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Supabase.Tests.Hosting;
using SupabaseStandIn;

namespace SessionRecovery.Supabase.Tests.Host;

/// <summary>
/// A complete host that uses a test double of Supabase. Like an application, it has authentication, a ledger, files and one paid endpoint.
/// </summary>
internal sealed class SupabaseHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly bool _ownsStandIn;

    private SupabaseHost(WebApplication app, StandIn standIn, string folder, bool ownsStandIn)
    {
        (_app, StandIn, _folder, _ownsStandIn) = (app, standIn, folder, ownsStandIn);
    }

    public StandIn StandIn { get; }

    public Uri Address => new(_app.Urls.First());

    public IServiceProvider Services => _app.Services;

    public static async Task<SupabaseHost> StartAsync(
        StandIn? standIn = null,
        Action<SessionRecoveryBuilder>? steps = null,
        Action<IServiceCollection>? services = null,
        StandInOptions? options = null)
    {
        var ownsStandIn = standIn is null;
        standIn ??= await StandIns.StartAsync(options);
        var folder = Directory.CreateTempSubdirectory("supabase-host-").FullName;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddDataProtection().SetApplicationName("tests")
            .PersistKeysToFileSystem(Directory.CreateDirectory(Path.Combine(folder, "keys")));
        builder.Services.AddSupabaseAuthentication();
        builder.Services.Configure<CreditOptions>(static credits =>
        {
            credits.RetryDelay = TimeSpan.FromMilliseconds(10);
            credits.MinRefreshInterval = TimeSpan.Zero;
        });
        var recovery = builder.Services.AddSessionRecovery().UseSupabase(standIn.Configure);
        if (steps is null)
        {
            recovery.UseSupabaseLedger().AddSupabaseFiles(files => files.Folder = folder);
        }
        else
        {
            steps(recovery);
        }

        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapSessionRecovery();
        if (app.Services.GetService<ICreditLedger>() is not null)
        {
            app.MapPost("/work", static () => TypedResults.Text("done")).RequireCredits(5);
        }

        await app.StartAsync();
        return new SupabaseHost(app, standIn, folder, ownsStandIn);
    }

    /// <summary>Signs up a new user at Supabase Auth.</summary>
    public async Task<SignedIn> SignUpAsync(string name = "ada")
    {
        using var auth = Gateway();
        using var response = await auth.PostAsJsonAsync(
            "/auth/v1/signup", new { email = $"{name}-{Guid.NewGuid():N}@example.com", password = "password-of-the-test" });
        response.EnsureSuccessStatusCode();
        var session = await response.Content.ReadFromJsonAsync<JsonElement>();
        return new SignedIn(
            this,
            session.GetProperty("user").GetProperty("id").GetString()!,
            session.GetProperty("user").GetProperty("email").GetString()!,
            session.GetProperty("access_token").GetString()!,
            session.GetProperty("refresh_token").GetString()!);
    }

    /// <summary>Creates an HTTP client for the project's gateway with the publishable key and an optional token.</summary>
    public HttpClient Gateway(string? token = null, string? key = null)
    {
        var client = new HttpClient { BaseAddress = new Uri(StandIn.Url) };
        client.DefaultRequestHeaders.Add("apikey", key ?? StandIn.Keys.Publishable);
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }

    /// <summary>Returns the violations that the audit in the database finds.</summary>
    public async Task<IReadOnlyList<string>> AuditAsync() =>
        await Services.GetRequiredService<ICreditStoreAudit>().AuditAsync(CancellationToken.None);

    /// <summary>Stops the host and checks that the audit finds no violation.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        var faults = await StandIn.Control.AuditAsync();
        if (_ownsStandIn)
        {
            await StandIn.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
        faults.Should().BeEmpty();
    }
}
