namespace AudioStudio.Settings;

/// <summary>Configures logging for a terminal: one line per entry, and only warnings and errors of ASP.NET Core.</summary>
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

        // Warnings about unencrypted keys and their folder are hidden, because this sample keeps its keys in a folder that only the user
        // can read. A host in production encrypts the keys and does not hide the warnings.
        AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        AddFilter("SessionRecovery.AspNetCore.KeyRing", LogLevel.Error);

        // Each start checks with a query that the tables exist. At the first start the query fails, and EF Core would log the failure as an
        // error.
        AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.Critical);

        // The output begins with the address of the server. Before the address is printed, only warnings are logged. An error ends the
        // start, and StartUp prints the error as one sentence.
        void AddFilter(string? category, LogLevel least) =>
            logging.AddFilter(category, level => level >= least && (start.IsDone || level == LogLevel.Warning));
    }
}
