namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Runs a group of writes in one transaction. Each write has its own result, and no result is given to a caller before the transaction is
/// committed. If a write throws an exception, the transaction is rolled back, and the other writes of the group run again.
/// </summary>
internal static class GroupCommit
{
    /// <summary>Runs the writes and completes each of them.</summary>
    /// <param name="group">The writes. The method changes the list.</param>
    /// <param name="transact">Runs a callback in a transaction, which is rolled back if the callback throws an exception.</param>
    public static void Run(List<PendingWrite> group, Func<Func<StoreConnection, int>, int> transact)
    {
        while (group.Count > 0 && TryRun(group, transact) is { } failed)
        {
            group.Remove(failed);
        }
    }

    // Returns the write that threw an exception; null if all writes were completed.
    private static PendingWrite? TryRun(List<PendingWrite> group, Func<Func<StoreConnection, int>, int> transact)
    {
        var begun = 0;
        var done = 0;
        try
        {
            transact(connection =>
            {
                foreach (var write in group)
                {
                    begun++;
                    write.Run(connection);
                    done++;
                }

                return 0;
            });
        }
        catch (Exception exception)
        {
            if (begun > done)
            {
                group[done].Fail(exception);
                return group[done];
            }

            Fail(group, transact, isCommit: begun > 0, exception);
            return null;
        }

        foreach (var write in group)
        {
            write.Complete();
        }

        return null;
    }

    private static void Fail(
        List<PendingWrite> group, Func<Func<StoreConnection, int>, int> transact, bool isCommit, Exception exception)
    {
        foreach (var write in group)
        {
            // One of the writes may be the reason why the commit failed. To find it, each write is run again in a transaction of its own.
            if (isCommit && group.Count > 1)
            {
                Run([write], transact);
            }
            else
            {
                write.Fail(exception);
            }
        }
    }
}
