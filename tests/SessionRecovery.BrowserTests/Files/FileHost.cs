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

namespace SessionRecovery.BrowserTests.Files;

/// <summary>
/// An application that stores files and creates signed links to them. The application also accepts documents that can contain scripts.
/// </summary>
internal sealed class FileHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder;
    private readonly HttpClient _client;

    private FileHost(WebApplication app, DirectoryInfo folder)
    {
        _app = app;
        _folder = folder;
        _client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    /// <summary>Gets the URL of an empty page of the application.</summary>
    public string Page => $"{_app.Urls.Single()}/empty";

    public static async Task<FileHost> StartAsync(TimeProvider? time = null)
    {
        var folder = Directory.CreateTempSubdirectory("links-");
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
        builder.Services.AddAuthorization();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddDataProtection().PersistKeysToFileSystem(folder.CreateSubdirectory("keys"));
        builder.Services.AddSessionRecovery().UseSqlite($"Data Source={folder.FullName}/credits.db")
            .AddLocalFiles($"{folder.FullName}/files", static options =>
            {
                options.AllowedContentTypes.Add("application/pdf");
                options.AllowedContentTypes.Add("text/html");
                options.AllowedContentTypes.Add("image/svg+xml");
            });
        var app = builder.Build();
        app.MapSessionRecovery();
        app.MapPost("/sign-in", () => TypedResults.SignIn(
            new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "ann")], BearerTokenDefaults.AuthenticationScheme)),
            authenticationScheme: BearerTokenDefaults.AuthenticationScheme));
        app.MapGet("/empty", static () => TypedResults.Text("<!doctype html><title>Page</title><audio></audio>", "text/html"));
        app.MapGet("/page", (string link) => TypedResults.Text(
            $"<!doctype html><title>Page</title><iframe src=\"{link}\" width=\"600\" height=\"400\"></iframe>", "text/html"));
        await app.StartAsync();
        var host = new FileHost(app, folder);
        using var response = await host._client.PostAsync("/sign-in", content: null);
        var token = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString();
        host._client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return host;
    }

    /// <summary>Stores a file and returns its name, and its URL without the origin.</summary>
    public async Task<(string Name, string Url)> StoreAsync(byte[] content, string name)
    {
        using var part = new ByteArrayContent(content);
        using var form = new MultipartFormDataContent { { part, "file", name } };
        using var stored = await _client.PostAsync("/uploads", form);
        var file = await stored.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        return (file.GetProperty("name").GetString()!, file.GetProperty("url").GetString()!);
    }

    /// <summary>Stores a file and returns the URL of a signed link to the file.</summary>
    public async Task<string> LinkAsync(byte[] content, string name)
    {
        var (_, url) = await StoreAsync(content, name);
        using var link = await _client.PostAsync($"{url}/links", content: null);
        return $"{_app.Urls.Single()}{(await link.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("url").GetString()}";
    }

    /// <summary>
    /// Returns the URL of a page that shows the link in a frame. The URL uses another name of the same host, so that the page and the link
    /// have different origins.
    /// </summary>
    public string GetPage(string link) =>
        $"{_app.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}/page?link={Uri.EscapeDataString(link)}";

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
