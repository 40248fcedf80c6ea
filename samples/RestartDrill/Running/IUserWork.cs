using RestartDrill.Clients;
using RestartDrill.Ledgers;

namespace RestartDrill.Running;

/// <summary>Defines the requests that each worker of the load repeats, and the maximum pause after each request.</summary>
internal interface IUserWork
{
    /// <summary>Gets the longest pauses after a payment, a read and a download, in milliseconds.</summary>
    (int Pay, int Read, int Download) Pauses { get; }

    Task PayAsync(DrillUser user, Payment payment);

    Task ReadAsync(DrillUser user);

    Task DownloadAsync(DrillUser user, Random random);
}
