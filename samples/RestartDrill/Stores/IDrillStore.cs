using RestartDrill.Books;
using RestartDrill.Clients;
using RestartDrill.Server;

namespace RestartDrill.Stores;

/// <summary>Where AudioStudio keeps accounts, credits and files during a drill, and how that dies.</summary>
internal interface IDrillStore : IAsyncDisposable
{
    /// <summary>What tells AudioStudio where things are kept.</summary>
    IReadOnlyList<string> StudioArguments { get; }

    /// <summary>What there is to be killed.</summary>
    IReadOnlyList<Victim> Victims { get; }

    /// <summary>Starts what is not running; does nothing for what is.</summary>
    Task StartAsync(CancellationToken stop);

    /// <summary>SIGKILL to one of <see cref="Victims"/>.</summary>
    Task KillAsync(Victim victim, StudioProcess server);

    /// <summary>Makes an account.</summary>
    /// <returns>A token; <see langword="null"/> when there was none to be had.</returns>
    Task<string?> SignUpAsync(StudioClient client, string email, string password, CancellationToken stop);

    /// <summary>The truth that the users' books are compared with.</summary>
    Task<StoredBooks> ReadBooksAsync(CancellationToken stop);

    /// <summary>Checks the database within itself.</summary>
    /// <returns>One sentence for each fault.</returns>
    Task<IReadOnlyList<string>> AuditAsync(CancellationToken stop);
}
