using AudioStudio.Settings;

namespace AudioStudio.Page;

/// <summary>Serves the page and formats problem responses.</summary>
internal static class PageSetup
{
    public static void AddPage(this IServiceCollection services, SupabaseProject? project)
    {
        services.AddSingleton(new PagePolicy(project));
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(5));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
        services.AddProblemDetails(options => options.CustomizeProblemDetails = static context =>
            context.ProblemDetails.Extensions.TryAdd("code", ProblemCodes.Of(context.ProblemDetails.Status)));
    }

    public static void UsePage(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions
        {
            OnPrepareResponse = app.Services.GetRequiredService<PagePolicy>().Harden,
        });
    }
}
