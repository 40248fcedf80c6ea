using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SessionRecovery.Files.Internal;

/// <summary>
/// Deletes uploads that are incomplete, and stored bytes that have no row: those of a process that was killed before it wrote the row. Runs
/// after the start and then every six hours, on files that are older than a day.
/// </summary>
internal sealed class FileSweeper(
    FileFolder folder,
    TimeProvider time,
    ILogger<FileSweeper> logger,
    IFileManifest? manifest = null) : BackgroundService
{
    /// <summary>
    /// The number of files without a row from which they must be fewer than the files with a row. Otherwise the manifest is probably
    /// another one, for example an empty database after a mistake in the configuration, and nothing is deleted.
    /// </summary>
    private const int MaxOrphansOfUnknownManifest = 20;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await TrySweepAsync(stoppingToken).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops. The next start continues.
        }
    }

    private async Task TrySweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SweepAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.FileSweepFailed(exception);
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var incomplete in folder.FindIncomplete())
        {
            File.Delete(incomplete);
        }

        if (manifest is null)
        {
            return;
        }

        var orphans = new List<string>();
        var stored = 0;
        foreach (var path in folder.FindStored())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await manifest.ContainsAsync(Path.GetFileName(path), cancellationToken).ConfigureAwait(false))
            {
                stored++;
            }
            else
            {
                orphans.Add(path);
            }
        }

        if (orphans.Count > MaxOrphansOfUnknownManifest && orphans.Count > stored)
        {
            logger.FileSweepRefused(orphans.Count, stored);
            return;
        }

        foreach (var path in orphans)
        {
            File.Delete(path);
        }

        if (orphans.Count > 0)
        {
            logger.FilesSwept(orphans.Count);
        }
    }
}
