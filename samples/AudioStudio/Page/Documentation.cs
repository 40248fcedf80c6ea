using Microsoft.Extensions.FileProviders;

namespace AudioStudio.Page;

/// <summary>Serves the pages of the repository's folder <c>docs</c> as plain text while the sample runs from its source.</summary>
internal static class Documentation
{
    public const string Start = "/docs/getting-started.md";

    private const string Solution = "SessionRecovery.sln";

    /// <summary>Maps the pages of the documentation.</summary>
    /// <returns><see langword="false"/> if the program does not run below the repository.</returns>
    public static bool TryMap(WebApplication app)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, Solution)))
        {
            folder = folder.Parent;
        }

        if (folder is null || !Directory.Exists(Path.Combine(folder.FullName, "docs")))
        {
            return false;
        }

        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(Path.Combine(folder.FullName, "docs")),
            RequestPath = "/docs",
            ContentTypeProvider = new PlainTextPages(),
            OnPrepareResponse = app.Services.GetRequiredService<PagePolicy>().Harden,
        });
        return true;
    }
}
