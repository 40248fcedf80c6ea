namespace AudioStudio.Settings;

/// <summary>Logs for someone who watches a terminal: one line each, the framework only from warnings up.</summary>
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

        // The keys lie unencrypted in a folder that only the owner can read; the framework warns about that at every start.
        AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);

        // Each start makes sure that the tables exist, with a question that EF Core reports as failed when they don't.
        AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.Critical);

        void AddFilter(string? category, LogLevel least) =>
            logging.AddFilter(category, level => level >= least && (start.IsDone || level < LogLevel.Error));
    }
}
