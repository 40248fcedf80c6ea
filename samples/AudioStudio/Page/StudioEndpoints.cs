using System.Diagnostics;
using AudioStudio.Settings;
using AudioStudio.Supervision;
using AudioStudio.Waveforms;

namespace AudioStudio.Page;

/// <summary><c>/studio</c>: what the page asks about, and the button that proves the point.</summary>
internal static class StudioEndpoints
{
    public static void MapStudio(this WebApplication app, SupabaseProject? project)
    {
        var studio = app.MapGroup("/studio");
        var info = new StudioInfo(
            app.Environment.IsDevelopment(),
            Lifeline.IsHeld,
            WaveformEndpoint.Cost,
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
        }
    }

    /// <summary>Ends this process as a power cut would: SIGKILL, or TerminateProcess on Windows. No answer is ever sent.</summary>
    /// <remarks>
    /// The only accepted proof of sign-in is an <c>Authorization</c> header, which no foreign page can make a browser send.
    /// </remarks>
    private static void Crash()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
