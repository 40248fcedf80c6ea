using AudioStudio.Settings;

namespace AudioStudio.Stores;

/// <summary>The studio with a Supabase project in place of the embedded store. Only the registrations differ.</summary>
internal static class SupabaseStore
{
    /// <summary>Stores accounts, credits and files in a Supabase project.</summary>
    public static void AddStudioOnSupabase(this IServiceCollection services, SupabaseProject project, DataFolder data)
    {
        services.AddSupabaseAuthentication();
        services
            .AddSessionRecovery(static options =>
            {
                // "Open the studio" signs in anonymously. By default, only users with an e-mail address get an account on Supabase.
                options.Credits.InitializeAccount = static _ => true;
            })
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
