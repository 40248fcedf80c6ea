using Npgsql;
using SupabaseStandIn.Database;

namespace SupabaseStandIn.Auth;

/// <summary>
/// Implements the password grant. A ban is checked before the password, and a missing confirmation of the e-mail address after the
/// password.
/// </summary>
internal sealed class SignIn(StandInClock clock, AuthOptions settings)
{
    public async Task<(AuthSession Session, AuthUser User, string RefreshToken)> SignInAsync(
        AuthBody body, Func<CancellationToken, Task<NpgsqlConnection>> open, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        var (email, password) = (body.Text("email") ?? string.Empty, body.Text("password") ?? string.Empty);
        var phone = body.Text("phone") ?? string.Empty;
        if (email.Length > 0 && phone.Length > 0)
        {
            throw AuthException.Validation("Only an email address or phone number should be provided on login.");
        }

        if (email.Length == 0 && phone.Length == 0)
        {
            throw AuthException.Validation("missing email or phone");
        }

        if (settings.EmailDisabled)
        {
            throw new AuthException(422, "email_provider_disabled", "Email logins are disabled");
        }

        await using var connection = await open(cancellationToken);
        var user = await FindAsync(connection, email, cancellationToken);
        if (user is { BannedUntil: { } until } && until > clock.Now)
        {
            throw new AuthException(400, "user_banned", "User is banned");
        }

        if (user is null || !Passwords.Verify(password, user.PasswordHash))
        {
            throw new AuthException(400, "invalid_credentials", "Invalid login credentials");
        }

        if (user.EmailConfirmedAt is null)
        {
            throw new AuthException(400, "email_not_confirmed", "Email not confirmed");
        }

        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var (session, token) = await AuthSession.CreateAsync(connection, user, "password", settings, clock, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return (session, user, token);
        }
        catch (PostgresException rejection) when (rejection.SqlState != PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            headers["sb-auth-user-id"] = user.Id.ToString();
            throw new AuthException(500, "unexpected_failure", "Database error granting user");
        }
    }

    private static async Task<AuthUser?> FindAsync(NpgsqlConnection connection, string email, CancellationToken cancellationToken)
    {
        try
        {
            return await AuthUser.FindByEmailAsync(connection, email.ToLowerInvariant(), cancellationToken);
        }
        catch (NpgsqlException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AuthException(500, "unexpected_failure", "Database error querying schema");
        }
    }
}
