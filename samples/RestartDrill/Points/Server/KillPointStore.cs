using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace RestartDrill.Points.Server;

/// <summary>
/// Stops the commands of marked requests before or after the store executes them. If a command stops after its execution, its response is
/// lost.
/// </summary>
internal sealed class KillPointStore(ICreditStore store, KillPoints points, GroupGate group) : ICreditStore
{
    public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken) =>
        store.ReadAsync(session, cancellationToken);

    public async ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        switch (command)
        {
            case CreditCommand.Reserve:
                return await ApplyAsync(command, KillPoint.BeforeReserve, KillPoint.Reserved, cancellationToken);
            case CreditCommand.Release:
                return await ApplyAsync(command, KillPoint.Releasing, KillPoint.Released, cancellationToken);
            case CreditCommand.Capture when points.IsOnTheWayTo(KillPoint.GroupCommit):
                return await group.ApplyAsync(store, command, cancellationToken);
            case CreditCommand.Capture when points.IsOnTheWayTo(KillPoint.TakenOver):
                var late = await store.ApplyAsync(command, cancellationToken);
                await points.StopAsync(KillPoint.TakenOver);
                return late;
            case CreditCommand.Capture:
                return await ApplyAsync(command, KillPoint.Done, KillPoint.Captured, cancellationToken);
            case CreditCommand.Renew when points.IsOnTheWayTo(KillPoint.TakenOver):
                // The renewals are not passed to the store, so that the reservation expires.
                throw CreateLoss();
            default:
                return await store.ApplyAsync(command, cancellationToken);
        }
    }

    private async ValueTask<CreditCommandResult> ApplyAsync(
        CreditCommand command, KillPoint before, KillPoint after, CancellationToken cancellationToken)
    {
        await points.StopAsync(before);
        var result = await store.ApplyAsync(command, cancellationToken);
        return await points.StopAsync(after) ? throw CreateLoss() : result;
    }

    private static CreditStoreException CreateLoss() => new("The connection to the store is lost.", isTransient: true);
}
