using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SessionRecovery.Files.Internal;

/// <summary>
/// Deletes incomplete uploads, and deletes stored bytes without a manifest row, which a killed process has left behind. The sweeper runs
/// after startup and every six hours, and deletes only files that are older than one day.
/// </summary>
internal sealed class FileSweeper(
    FileFolder folder,
    TimeProvider time,
    ILogger<FileSweeper> logger,
    IFileManifest? manifest = null) : BackgroundService
{
    /// <summary>
    /// The maximum number of files without a manifest row that are always deleted. If there are more such files, they are deleted only if
    /// at least as many files have a row. If most files have no row, the manifest is probably the wrong one, for example an empty database
    /// after a configuration mistake.
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
            // The host is stopping. The sweeper runs again after the next start.
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
