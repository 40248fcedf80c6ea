using AudioStudio.Accounts;
using AudioStudio.Settings;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;

namespace AudioStudio.Stores;

/// <summary>
/// The two ways to run the studio. The lines of SessionRecovery differ in where things are kept, and the rest of the program in nothing.
/// </summary>
internal static class StudioStores
{
    /// <summary>Accounts, credits and files in one folder; nothing else to install.</summary>
    public static void AddEmbeddedStudio(this IServiceCollection services, DataFolder data)
    {
        services.AddKeptKeys(data);
        services.AddAccounts(data);
        services
            .AddSessionRecovery()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = data.Credits }.ToString())
            .AddLocalFiles(data.Uploads);
    }

    /// <summary>Accounts, credits and files in a project of Supabase's.</summary>
    public static void AddStudioOnSupabase(this IServiceCollection services, SupabaseProject project, DataFolder data)
    {
        services.AddKeptKeys(data);
        services.AddSupabaseAuthentication();
        services
            .AddSessionRecovery()
            .UseSupabase(options =>
            {
                options.Url = project.Url;
                options.PublishableKey = project.PublishableKey;
                options.SecretKey = project.SecretKey;
            })
            .UseSupabaseLedger()
            .AddSupabaseFiles(files => files.Folder = data.Uploads);
    }

    // Tokens and signed links are sealed with these keys: kept on disk, they are as good after a restart as before.
    private static void AddKeptKeys(this IServiceCollection services, DataFolder data) => services
        .AddDataProtection()
        .SetApplicationName(StudioSettings.FolderName)
        .PersistKeysToFileSystem(new DirectoryInfo(data.Keys));
}
