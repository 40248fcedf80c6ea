using System.Diagnostics;
using AudioStudio.Settings;
using AudioStudio.Waveforms;

namespace AudioStudio.Page;

/// <summary>The endpoints below <c>/studio</c>: information for the page, the crash button and free credits.</summary>
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
    /// Only an <c>Authorization</c> header is accepted as proof of sign-in, because a foreign page cannot make a browser send one.
    /// </remarks>
    private static void Crash()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
