using RestartDrill.Ledgers;
using RestartDrill.Clients;
using RestartDrill.Server;

namespace RestartDrill.Stores;

/// <summary>Starts and kills the processes that AudioStudio needs for its storage during a drill, and reads the stored data.</summary>
internal interface IDrillStore : IAsyncDisposable
{
    /// <summary>Gets the command-line arguments that select this storage in AudioStudio.</summary>
    IReadOnlyList<string> StudioArguments { get; }

    /// <summary>Gets the processes that can be killed.</summary>
    IReadOnlyList<Victim> Victims { get; }

    /// <summary>Starts the processes of the storage that are not running.</summary>
    Task StartAsync(CancellationToken stop);

    /// <summary>Kills one of the <see cref="Victims"/> with SIGKILL.</summary>
    Task KillAsync(Victim victim, StudioProcess server);

    /// <summary>Creates an account.</summary>
    /// <returns>An access token, or <see langword="null"/> when no account could be created.</returns>
    Task<string?> SignUpAsync(StudioClient client, string email, string password, CancellationToken stop);

    /// <summary>Reads the database for the comparison with the records of the users.</summary>
    Task<StoredLedger> ReadLedgerAsync(CancellationToken stop);

    /// <summary>Checks the consistency of the database.</summary>
    /// <returns>One sentence for each fault.</returns>
    Task<IReadOnlyList<string>> AuditAsync(CancellationToken stop);
}
