namespace AudioStudio.Settings;

/// <summary>
/// Represents the Supabase project that stores accounts, credits and files. If no project is configured, the studio stores them in its own
/// folder.
/// </summary>
/// <param name="Url">The address of the project.</param>
/// <param name="PublishableKey">The publishable key, which the page receives.</param>
/// <param name="SecretKey">The secret key, which never leaves the server.</param>
/// <param name="ClientScript">
/// The absolute path of the script file with Supabase's browser client, which defines the global variable <c>supabase</c>.
/// </param>
/// <remarks>The type is a class and not a record, because <c>ToString</c> of a record would return the secret key.</remarks>
internal sealed class SupabaseProject(string url, string publishableKey, string secretKey, string clientScript)
{
    /// <summary>
    /// The path to which npm installs the script of Supabase's browser client, relative to the folder of the installation.
    /// </summary>
    public const string InstalledScript = "node_modules/@supabase/supabase-js/dist/umd/supabase.js";

    public string Url { get; } = url.TrimEnd('/');

    public string PublishableKey { get; } = publishableKey;

    public string SecretKey { get; } = secretKey;

    public string ClientScript { get; } = clientScript;

    /// <summary>Returns the configured project, or <see langword="null"/> if no project is configured.</summary>
    /// <exception cref="FormatException">A setting is missing. The message names the setting and its source.</exception>
    public static SupabaseProject? Read(IConfiguration configuration, string data)
    {
        var section = configuration.GetSection("Supabase");
        if (section["Url"] is not { Length: > 0 } url)
        {
            return null;
        }

        var script = Path.GetFullPath(section["ClientScript"] is { Length: > 0 } path ? path : Path.Combine(data, InstalledScript));
        if (!File.Exists(script))
        {
            throw new FormatException(
                $"The page signs in with Supabase's own client, which is not at {script}. Install it by: npm install --prefix "
                    + $"\"{data}\" @supabase/supabase-js@2 - or name the file with --Supabase:ClientScript");
        }

        return new SupabaseProject(url, Required("PublishableKey"), Required("SecretKey"), script);

        string Required(string name) => section[name] is { Length: > 0 } value
            ? value
            : throw new FormatException(
                $"--Supabase:Url needs --Supabase:{name}, from the API keys of the project (or the environment: Supabase__{name}).");
    }
}
