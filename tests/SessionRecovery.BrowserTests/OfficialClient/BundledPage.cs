using System.Diagnostics;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;
using TestRequirements;

namespace SessionRecovery.BrowserTests.OfficialClient;

/// <summary>Serves a bundled React page that uses Supabase's official client and the browser module. The page has its own origin.</summary>
internal sealed class BundledPage : IAsyncDisposable
{
    private static readonly string Sources = typeof(BundledPage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static metadata => metadata.Key == "BundledPageSources").Value!;

    private readonly WebApplication _app;
    private readonly string _folder;

    private BundledPage(WebApplication app, string folder) => (_app, _folder) = (app, folder);

    public string Origin => _app.Urls.Single();

    /// <summary>Builds and serves the page. If a required tool is missing, the test fails on CI and is skipped elsewhere.</summary>
    public static async Task<BundledPage> StartAsync()
    {
        Requirement.Met(Directory.Exists(Path.Combine(Sources, "node_modules"))
            ? null
            : "The bundled page needs npm packages: run 'npm ci' in tests/supabase-js.");
        var folder = Directory.CreateTempSubdirectory("bundled-page-").FullName;
        await BundleAsync(folder);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.UseFileServer(new FileServerOptions { FileProvider = new PhysicalFileProvider(folder) });
        await app.StartAsync();
        return new BundledPage(app, folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task BundleAsync(string folder)
    {
        using var node = Process.Start(new ProcessStartInfo("node") { WorkingDirectory = Sources, RedirectStandardError = true,
            ArgumentList = { "build.js", folder } })!;
        var errors = await node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        if (node.ExitCode != 0)
        {
            throw new InvalidOperationException($"The page could not be bundled: {errors}");
        }
    }
}
