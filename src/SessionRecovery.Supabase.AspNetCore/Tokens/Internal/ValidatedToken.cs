using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Tokens;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

/// <summary>Represents a validated token and the key that validated it.</summary>
/// <remarks>
/// The token, the key and the time are immutable, so requests share them. Each request receives a copy of the identity and of the
/// properties, because a host may change both.
/// </remarks>
internal sealed class ValidatedToken
{
    private readonly ClaimsIdentity _identity;
    private readonly AuthenticationProperties _properties;

    public ValidatedToken(AccessToken token, ClaimsIdentity identity, SecurityKey key, DateTimeOffset expiresAt)
        : this(token, identity.Clone(), key, expiresAt, new AuthenticationProperties { ExpiresUtc = expiresAt })
    {
    }

    private ValidatedToken(
        AccessToken token, ClaimsIdentity identity, SecurityKey key, DateTimeOffset expiresAt, AuthenticationProperties properties)
    {
        Token = token;
        Key = key;
        ExpiresAt = expiresAt;
        _identity = identity;
        _properties = properties;
    }

    public AccessToken Token { get; }

    public SecurityKey Key { get; }

    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Returns the same validation with another object for the same key.</summary>
    public ValidatedToken WithKey(SecurityKey key) => new(Token, _identity, key, ExpiresAt, _properties);

    /// <summary>Creates the ticket of one request.</summary>
    public AuthenticationTicket CreateTicket(string scheme) =>
        new(new ClaimsPrincipal(_identity.Clone()), _properties.Clone(), scheme);
}
