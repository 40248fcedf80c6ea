using System.Net.Http.Headers;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// In whose name one request is made. It goes on the request and never on the client: a client that remembers a token hands one user's to
/// another. Without a token there is no request in a user's name; the publishable key is no substitute.
/// </summary>
internal sealed class SupabaseCredential
{
    private readonly AccessToken? _token;

    private SupabaseCredential(bool isServer, AccessToken? token)
    {
        IsServer = isServer;
        _token = token;
    }

    /// <summary>The server's own rights, by the secret key.</summary>
    public static SupabaseCredential Server { get; } = new(isServer: true, token: null);

    /// <summary>No rights but the application's; for questions about the service itself.</summary>
    public static SupabaseCredential Application { get; } = new(isServer: false, token: null);

    public bool IsServer { get; }

    public bool IsUser => _token is not null;

    /// <summary>A user's rights.</summary>
    public static SupabaseCredential ForUser(AccessToken token) => new(isServer: false, token);

    public void Sign(HttpRequestMessage request, SupabaseOptions options)
    {
        var key = IsServer
            ? options.SecretKey ?? throw new InvalidOperationException("SupabaseOptions.SecretKey is not set.")
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

    /// <summary>Never a secret.</summary>
    public override string ToString() => IsServer ? "[server]" : IsUser ? "[user]" : "[application]";
}
