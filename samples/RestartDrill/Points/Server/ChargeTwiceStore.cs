using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace RestartDrill.Points.Server;

/// <summary>Wraps the store and adds a fault: each capture charges the user a second time. The drill must detect this fault.</summary>
internal sealed class ChargeTwiceStore(ICreditStore store) : ICreditStore
{
    public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken) =>
        store.ReadAsync(session, cancellationToken);

    public async ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        var result = await store.ApplyAsync(command, cancellationToken);
        if (command is CreditCommand.Capture capture && result.Succeeded)
        {
            var key = IdempotencyKey.Create($"again:{capture.ReservationId}");
            await store.ApplyAsync(new CreditCommand.Consume(capture.User, PointsServer.Price, key), cancellationToken);
        }

        return result;
    }
}
