namespace AudioStudio.Settings;

/// <summary>A project of Supabase's, in whose place the studio would otherwise use files of its own.</summary>
/// <param name="Url">The project's address.</param>
/// <param name="PublishableKey">The key that the page may know.</param>
/// <param name="SecretKey">The key that it must not.</param>
/// <param name="ClientScript">The absolute path of Supabase's own client for browsers, one file that defines <c>supabase</c>.</param>
/// <remarks>A class and no record, whose text would show the secret.</remarks>
internal sealed class SupabaseProject(string url, string publishableKey, string secretKey, string clientScript)
{
    /// <summary>Where npm puts the file, below the folder in which it was asked to install.</summary>
    public const string InstalledScript = "node_modules/@supabase/supabase-js/dist/umd/supabase.js";

    public string Url { get; } = url.TrimEnd('/');

    public string PublishableKey { get; } = publishableKey;

    public string SecretKey { get; } = secretKey;

    public string ClientScript { get; } = clientScript;

    /// <summary>The project that the configuration names, if it names one.</summary>
    /// <exception cref="FormatException">Something is missing; the message says what and where it comes from.</exception>
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
                $"The page signs in with Supabase's own client, which is not at {script}. Install it by: npm install --prefix \"{data}\" @supabase/supabase-js@2 - or name the file with --Supabase:ClientScript");
        }

        return new SupabaseProject(url, Required("PublishableKey"), Required("SecretKey"), script);

        string Required(string name) => section[name] is { Length: > 0 } value
            ? value
            : throw new FormatException(
                $"--Supabase:Url needs --Supabase:{name}, from the API keys of the project (or the environment: Supabase__{name}).");
    }
}
