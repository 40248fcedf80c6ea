namespace AudioStudio.Settings;

/// <summary>Configures logging for a terminal: one line per entry, and warnings or higher from the framework.</summary>
internal static class StudioConsole
{
    public static void AddStudioConsole(this ILoggingBuilder logging, StartUp start)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.TimestampFormat = "HH:mm:ss ";
        });
        AddFilter(category: null, LogLevel.Information);
        AddFilter("Microsoft", LogLevel.Warning);

        // Warnings about unencrypted keys and their place are hidden, because a demonstration keeps its keys in the folder of its user. A
        // host in production encrypts the keys and shows the warnings.
        AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        AddFilter("SessionRecovery.AspNetCore.KeyRing", LogLevel.Error);

        // Each start checks for the tables. EF Core logs the failing check of the first start as an error.
        AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.Critical);

        // The output begins with the address. Until then only warnings are logged: errors end the start, which reports them itself.
        void AddFilter(string? category, LogLevel least) =>
            logging.AddFilter(category, level => level >= least && (start.IsDone || level == LogLevel.Warning));
    }
}
