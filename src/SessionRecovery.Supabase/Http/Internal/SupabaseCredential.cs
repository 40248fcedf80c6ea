using System.Net.Http.Headers;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// Represents the credential of one request. The credential is set on the request and never on the HTTP client, because an HTTP client with
/// a default token would send this token with the requests of other users. A request for a user requires the user's token and never uses
/// the publishable key instead.
/// </summary>
internal sealed class SupabaseCredential
{
    private readonly AccessToken? _token;

    private SupabaseCredential(bool isServer, AccessToken? token)
    {
        IsServer = isServer;
        _token = token;
    }

    /// <summary>Gets the credential of the server, which is the secret key.</summary>
    public static SupabaseCredential Server { get; } = new(isServer: true, token: null);

    /// <summary>Gets the credential for requests that do not concern a user, which is the publishable key.</summary>
    public static SupabaseCredential Application { get; } = new(isServer: false, token: null);

    public bool IsServer { get; }

    public bool IsUser => _token is not null;

    /// <summary>Creates the credential of a user from the user's access token.</summary>
    public static SupabaseCredential ForUser(AccessToken token) => new(isServer: false, token);

    /// <summary>Returns whether the user's token has expired. A token whose expiry cannot be read counts as expired.</summary>
    public bool IsExpired(DateTimeOffset now) => _token is null || TokenClaims.Read(_token).ExpiresAt is not { } expiry || expiry <= now;

    public void Sign(HttpRequestMessage request, SupabaseOptions options)
    {
        var key = IsServer
            ? options.SecretKey is { Length: > 0 } secret
                ? secret
                : throw new InvalidOperationException("SupabaseOptions.SecretKey is not set.")
            : options.PublishableKey;
        request.Headers.Add("apikey", key);
        if (_token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token.Reveal());
        }
        else if (SupabaseKey.IsLegacy(key))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>Returns a text that does not contain the secret.</summary>
    public override string ToString() => IsServer ? "[server]" : IsUser ? "[user]" : "[application]";
}
