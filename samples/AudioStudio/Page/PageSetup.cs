using System.Globalization;
using AudioStudio.Settings;

namespace AudioStudio.Page;

/// <summary>Serves the page of the studio and formats problem responses.</summary>
internal static class PageSetup
{
    public static void AddPage(this IServiceCollection services, SupabaseProject? project)
    {
        services.AddSingleton(new PagePolicy(project));
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(5));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
        services.AddProblemDetails(options => options.CustomizeProblemDetails = static context =>
            context.ProblemDetails.Extensions.TryAdd("code", ProblemCodes.Of(context.ProblemDetails.Status)));

        // Only the files of the page are compressed. A compressed response of the API could reveal a secret by its length, if the response
        // also contains a value of the request.
        services.AddResponseCompression(static options =>
        {
            options.MimeTypes = ["text/html", "text/css", "text/javascript", "image/svg+xml"];
            options.EnableForHttps = true;
        });
    }

    public static void UsePage(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        if (app.Environment.IsDevelopment())
        {
            // The page shows which process sent a response.
            app.Use(static (context, next) =>
            {
                context.Response.Headers["Studio-Process"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
                return next();
            });
        }

        app.UseResponseCompression();
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions
        {
            OnPrepareResponse = app.Services.GetRequiredService<PagePolicy>().Harden,
        });
    }
}
