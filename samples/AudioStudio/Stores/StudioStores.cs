using AudioStudio.Accounts;
using AudioStudio.Settings;
using Microsoft.Data.Sqlite;

namespace AudioStudio.Stores;

/// <summary>
/// The two storage modes of the studio. They differ only in their SessionRecovery registrations. Access tokens and signed links are
/// protected with keys that are stored in the credit store, so that the tokens and links survive a restart.
/// </summary>
internal static class StudioStores
{
    /// <summary>Stores accounts, credits and files in one folder. Requires no other installation.</summary>
    public static void AddEmbeddedStudio(this IServiceCollection services, DataFolder data)
    {
        services.AddAccounts(data);
        services
            .AddSessionRecovery()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = data.Credits }.ToString())
            .AddLocalFiles(data.Uploads)
            .PersistDataProtectionKeys();
    }

    /// <summary>Stores accounts, credits and files in a Supabase project.</summary>
    public static void AddStudioOnSupabase(this IServiceCollection services, SupabaseProject project, DataFolder data)
    {
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
            .AddSupabaseFiles(files => files.Folder = data.Uploads)
            .PersistDataProtectionKeys();
    }
}
