using System.Diagnostics;
using AudioStudio.Settings;
using AudioStudio.Waveforms;

namespace AudioStudio.Page;

/// <summary>Maps the endpoints below <c>/studio</c>: settings for the page, the crash of the server, and free credits.</summary>
internal static class StudioEndpoints
{
    public static void MapStudio(this WebApplication app, SupabaseProject? project)
    {
        var studio = app.MapGroup("/studio");
        var info = new StudioInfo(
            app.Environment.IsDevelopment(),
            WaveformEndpoint.Cost,
            app.Environment.IsDevelopment() && Documentation.TryMap(app) ? Documentation.Start : null,
            project is null ? null : new SupabaseInfo(project.Url, project.PublishableKey));
        studio.MapGet("/info", (HttpResponse response) =>
        {
            response.Headers.CacheControl = "no-store";
            return TypedResults.Json(info, StudioJson.Default.StudioInfo);
        });

        if (project is not null)
        {
            studio.MapGet("/supabase.js", (HttpResponse response) =>
            {
                response.Headers.CacheControl = "no-cache";
                response.Headers.XContentTypeOptions = "nosniff";
                return TypedResults.PhysicalFile(project.ClientScript, "text/javascript");
            });
        }

        if (app.Environment.IsDevelopment())
        {
            studio.MapPost("/crash", Crash).RequireAuthorization();
            studio.MapRefill();
        }
    }

    /// <summary>Kills this process with SIGKILL, or TerminateProcess on Windows. The request never receives a response.</summary>
    /// <remarks>
    /// The request must have an <c>Authorization</c> header, because a page of another site cannot make a browser send this header.
    /// </remarks>
    private static void Crash()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
