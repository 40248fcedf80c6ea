using System.Net.Http.Headers;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// The credential of one request. It is set on the request and never on the client, because a client with a default token would send it
/// with the requests of other users. A request for a user needs the user's token; the publishable key is not a substitute.
/// </summary>
internal sealed class SupabaseCredential
{
    private readonly AccessToken? _token;

    private SupabaseCredential(bool isServer, AccessToken? token)
    {
        IsServer = isServer;
        _token = token;
    }

    /// <summary>Gets the credential with the server's rights, the secret key.</summary>
    public static SupabaseCredential Server { get; } = new(isServer: true, token: null);

    /// <summary>Gets the credential without a user's rights, for requests about the service itself.</summary>
    public static SupabaseCredential Application { get; } = new(isServer: false, token: null);

    public bool IsServer { get; }

    public bool IsUser => _token is not null;

    /// <summary>Creates the credential of a user.</summary>
    public static SupabaseCredential ForUser(AccessToken token) => new(isServer: false, token);

    /// <summary>Returns whether the user's token has expired. A token without a readable time counts as expired.</summary>
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

    /// <summary>Returns a text without the secret.</summary>
    public override string ToString() => IsServer ? "[server]" : IsUser ? "[user]" : "[application]";
}
