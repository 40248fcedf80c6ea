namespace AudioStudio.Settings;

/// <summary>Contains the settings from the command line, the environment and configuration files.</summary>
/// <param name="Urls">The addresses to listen on. The default is loopback.</param>
/// <param name="Data">The absolute path of the data folder.</param>
/// <param name="Supervise">Whether this process supervises a web process instead of being one.</param>
/// <param name="Supabase">
/// The Supabase project that stores accounts, credits and files, or <see langword="null"/> if the studio stores them in its own folder.
/// </param>
internal sealed record StudioSettings(string Urls, string Data, bool Supervise, SupabaseProject? Supabase = null)
{
    public const string DefaultUrls = "http://127.0.0.1:5080";

    public const string FolderName = "SessionRecovery.AudioStudio";

    /// <exception cref="FormatException">A value is invalid. The message names the setting and the valid values.</exception>
    public static StudioSettings Read(IConfiguration configuration)
    {
        var data = ReadFolder(configuration["Data"]);
        return new StudioSettings(
            configuration["urls"] is { Length: > 0 } urls ? urls : DefaultUrls,
            data,
            ReadSwitch(configuration, "Supervise", whenAbsent: true),
            SupabaseProject.Read(configuration, data));
    }

    private static string ReadFolder(string? value)
    {
        if (!string.IsNullOrWhiteSpace(value))
        {
            return value.Contains('\0', StringComparison.Ordinal)
                ? throw new FormatException("--Data must be the path of a folder.")
                : Path.GetFullPath(value);
        }

        var ofTheUser =
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.IsPathFullyQualified(ofTheUser)
            ? Path.Combine(ofTheUser, FolderName)
            : throw new FormatException("This account has no data folder; choose one with --Data.");
    }

    private static bool ReadSwitch(IConfiguration configuration, string name, bool whenAbsent) => configuration[name] switch
    {
        null or "" => whenAbsent,
        var text when bool.TryParse(text, out var value) => value,
        var text => throw new FormatException($"--{name} must be true or false, not '{text}'."),
    };
}
