using System.Net.Mail;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using SupabaseStandIn.Database;

namespace SupabaseStandIn.Auth;

/// <summary>Creates users. The response contains a session unless the e-mail address must be confirmed first.</summary>
internal sealed class SignUp(StandInClock clock, AuthOptions settings)
{
    private const int MaxPasswordLength = 72;
    private const int MaxEmailLength = 255;

    /// <param name="User">The response body that is used if there is no session.</param>
    public sealed record Outcome(JsonObject User, AuthUser? Row = null, AuthSession? Session = null, string? RefreshToken = null);

    public async Task<Outcome> SignUpAsync(
        AuthBody body, Func<CancellationToken, Task<NpgsqlConnection>> open, CancellationToken cancellationToken)
    {
        if (settings.SignUpDisabled)
        {
            throw new AuthException(422, "signup_disabled", "Signups not allowed for this instance");
        }

        var (email, phone) = (body.Text("email") ?? string.Empty, body.Text("phone") ?? string.Empty);
        var password = body.Text("password") ?? string.Empty;
        var metadata = body.Object("data") ?? [];
        if (email.Length == 0 && phone.Length == 0)
        {
            return settings.AnonymousSignIns
                ? await CreateAsync(email, null, metadata, "anonymous", open, cancellationToken)
                : throw new AuthException(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled");
        }

        if (email.Length > 0 && settings.EmailDisabled)
        {
            throw new AuthException(400, "email_provider_disabled", "Email signups are disabled");
        }

        CheckPassword(password);
        if (email.Length > 0 && phone.Length > 0)
        {
            throw AuthException.Validation("Only an email address or phone number should be provided on signup.");
        }

        if (email.Length == 0)
        {
            throw AuthException.Validation("Phone signups are disabled");
        }

        return await CreateAsync(Checked(email), password, metadata, "password", open, cancellationToken);
    }

    public void CheckStrength(string password)
    {
        if (Encoding.UTF8.GetByteCount(password) > MaxPasswordLength)
        {
            throw AuthException.Validation("Password cannot be longer than 72 characters");
        }

        if (Weakness(password) is { } weakness)
        {
            throw new AuthException(422, "weak_password", weakness.Message) { Reasons = weakness.Reasons };
        }
    }

    /// <summary>Returns the password rules that the password violates, or null if the password is strong enough.</summary>
    public (string Message, string[] Reasons)? Weakness(string password)
    {
        var found = new List<(string Message, string Reason)>();
        if (password.Length < settings.MinimumPasswordLength)
        {
            found.Add(($"Password should be at least {settings.MinimumPasswordLength} characters.", "length"));
        }

        if (settings.RequiredCharacters.Any(set => password.IndexOfAny(set.ToCharArray()) < 0))
        {
            found.Add(($"Password should contain at least one character of each: {string.Join(", ", settings.RequiredCharacters)}.",
                "characters"));
        }

        return found.Count == 0 ? null : (string.Join(' ', found.Select(one => one.Message)), [.. found.Select(one => one.Reason)]);
    }

    private void CheckPassword(string password)
    {
        if (password.Length == 0)
        {
            throw AuthException.Validation("Signup requires a valid password");
        }

        CheckStrength(password);
    }

    private static string Checked(string email)
    {
        if (email.Length > MaxEmailLength)
        {
            throw AuthException.Validation("An email address is too long");
        }

        return MailAddress.TryCreate(email, out var address) && address.Address == email
            ? email.ToLowerInvariant()
            : throw AuthException.Validation("Unable to validate email address: invalid format");
    }

    private async Task<Outcome> CreateAsync(
        string email, string? password, JsonObject metadata, string method, Func<CancellationToken, Task<NpgsqlConnection>> open,
            CancellationToken cancellationToken)
    {
        await using var connection = await open(cancellationToken);
        if (password is not null && await AuthUser.FindByEmailAsync(connection, email, cancellationToken) is { } existing)
        {
            return settings.Autoconfirm
                ? throw new AuthException(422, "user_already_exists", "User already registered")
                : existing.EmailConfirmedAt is null
                    ? throw new AuthException(
                        429, "over_email_send_rate_limit", "For security purposes, you can only request this after 59 seconds.")
                    : new Outcome(CreateDecoy(email));
        }

        if (password is not null && !settings.Autoconfirm)
        {
            await CheckMailsAsync(connection, cancellationToken);
        }

        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var id = await InsertAsync(connection, email, password, metadata, cancellationToken);
            var user = (await AuthUser.FindAsync(connection, id, cancellationToken))!;
            var outcome = new Outcome(user.ToJson(justSignedUp: true));
            if (settings.Autoconfirm || password is null)
            {
                var (session, token) = await AuthSession.CreateAsync(connection, user, method, settings, clock, cancellationToken);
                user = (await AuthUser.FindAsync(connection, id, cancellationToken))!;
                outcome = new Outcome(user.ToJson(justSignedUp: true), user, session, token);
            }

            await transaction.CommitAsync(cancellationToken);
            return outcome;
        }
        catch (NpgsqlException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AuthException(500, "unexpected_failure",
                "Database error saving new user") { Raised = exception as PostgresException };
        }
    }

    private async Task CheckMailsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var sent =
            connection.Command("select count(*)::int from auth.users where confirmation_sent_at > $1", clock.Now.AddHours(-1));
        if (await sent.ExecuteScalarAsync(cancellationToken) is int mails && mails >= settings.MailsPerHour)
        {
            throw new AuthException(429, "over_email_send_rate_limit", "email rate limit exceeded");
        }
    }

    private async Task<Guid> InsertAsync(
        NpgsqlConnection connection, string email, string? password, JsonObject metadata, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        var now = clock.Now;
        var own = (JsonObject)metadata.DeepClone();
        if (password is not null)
        {
            own["email"] = email;
            own["email_verified"] = settings.Autoconfirm;
            own["phone_verified"] = false;
            own["sub"] = id.ToString();
        }

        DateTimeOffset? confirmed = settings.Autoconfirm && password is not null ? now : null;
        DateTimeOffset? confirmationSent = settings.Autoconfirm || password is null ? null : now;
        await using var user = connection.Command(
            """
            insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, confirmation_sent_at,
                raw_app_meta_data, raw_user_meta_data,
                created_at, updated_at, is_anonymous)
            values ('00000000-0000-0000-0000-000000000000', $1, 'authenticated', 'authenticated', $2::text, $3::text, $4::timestamptz,
                $5::timestamptz, $6::jsonb, $7::jsonb, $8, $8, $9)
            """,
            id,
            password is null ? null : email,
            password is null ? null : Passwords.Hash(password),
            confirmed,
            confirmationSent,
            password is null ? "{}" : """{"provider":"email","providers":["email"]}""",
            own.ToJsonString(),
            now,
            password is null);
        await user.ExecuteNonQueryAsync(cancellationToken);
        if (password is not null)
        {
            own["email_verified"] = false;
            await using var identity = connection.Command(
                "insert into auth.identities (user_id, provider, identity_data, last_sign_in_at, created_at, updated_at) "
                    + "values ($1, 'email', $2::jsonb, $3, $3, $3)",
                id, own.ToJsonString(), now);
            await identity.ExecuteNonQueryAsync(cancellationToken);
        }

        return id;
    }

    /// <summary>Returns the response for an e-mail address that is already in use. The response must not reveal this fact.</summary>
    private JsonObject CreateDecoy(string email) => new()
    {
        ["id"] = Guid.NewGuid(),
        ["aud"] = "authenticated",
        ["role"] = string.Empty,
        ["email"] = email,
        ["phone"] = string.Empty,
        ["confirmation_sent_at"] = AuthUser.Write(clock.Now),
        ["app_metadata"] = new JsonObject { ["provider"] = "email", ["providers"] = new JsonArray("email") },
        ["user_metadata"] = new JsonObject(),
        ["identities"] = new JsonArray(),
        ["created_at"] = AuthUser.Write(clock.Now),
        ["updated_at"] = AuthUser.Write(clock.Now),
        ["is_anonymous"] = false,
    };
}
