using SupabaseStandIn.Database;

namespace SupabaseStandIn.Control;

/// <summary>Administers the users and sessions of the test double.</summary>
public sealed class UserControl
{
    private readonly StandInDatabase _database;
    private readonly StandInClock _clock;

    internal UserControl(StandInDatabase database, StandInClock clock) => (_database, _clock) = (database, clock);

    public Task BanAsync(Guid user, TimeSpan duration, CancellationToken cancellationToken = default) =>
        _database.ExecuteAsync("update auth.users set banned_until = $2 where id = $1", [user, _clock.Now + duration], cancellationToken);

    public Task LiftBanAsync(Guid user, CancellationToken cancellationToken = default) =>
        _database.ExecuteAsync("update auth.users set banned_until = null where id = $1", [user], cancellationToken);

    public Task ConfirmAsync(Guid user, CancellationToken cancellationToken = default) =>
        _database.ExecuteAsync("update auth.users set email_confirmed_at = $2 where id = $1", [user, _clock.Now], cancellationToken);

    /// <summary>Deletes a user with all sessions and refresh tokens of the user.</summary>
    public Task DeleteAsync(Guid user, CancellationToken cancellationToken = default) =>
        _database.ExecuteAsync("delete from auth.users where id = $1", [user], cancellationToken);

    /// <summary>Ends all sessions of a user, as a sign-out on another device does.</summary>
    public Task EndSessionsAsync(Guid user, CancellationToken cancellationToken = default) =>
        _database.ExecuteAsync("delete from auth.sessions where user_id = $1", [user], cancellationToken);
}
