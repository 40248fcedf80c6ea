using RestartDrill.Clients;
using RestartDrill.Ledgers;

namespace RestartDrill.Running;

/// <summary>Defines what one worker of the load does once, and how long the worker then pauses at most.</summary>
internal interface IUserWork
{
    /// <summary>Gets the longest pauses after a payment, a read and a download, in milliseconds.</summary>
    (int Pay, int Read, int Download) Pauses { get; }

    Task PayAsync(DrillUser user, Payment payment);

    Task ReadAsync(DrillUser user);

    Task DownloadAsync(DrillUser user, Random random);
}
