using AudioStudio.Settings;

namespace AudioStudio.Stores;

/// <summary>
/// Registers the services of a studio that uses a Supabase project instead of the embedded store. Only the registrations differ.
/// </summary>
internal static class SupabaseStore
{
    /// <summary>Stores accounts, credits and files in a Supabase project.</summary>
    public static void AddStudioOnSupabase(this IServiceCollection services, SupabaseProject project, DataFolder data)
    {
        services.AddSupabaseAuthentication();
        services
            .AddSessionRecovery(static options =>
            {
                // The button "Open the studio" signs the user in anonymously. The default predicate creates no account of credits for
                // anonymous users on Supabase, so it is replaced.
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
