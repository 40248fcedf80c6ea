using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;

namespace SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

/// <summary>
/// Validates access tokens with the current keys of the Supabase project. Each algorithm accepts only its own type of key, so that a public
/// key is never used as an HS256 secret.
/// </summary>
internal sealed class SupabaseTokenHandler(
    SigningKeySource keys,
    ValidatedTokenCache verified,
    ValidationRules rules,
    IOptions<SupabaseAuthenticationOptions> options,
    TimeProvider time) : TokenHandler
{
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly SymmetricSecurityKey? _secret = options.Value.JwtSecret is { } secret ? new SymmetricSecurityKey(
        System.Text.Encoding.UTF8.GetBytes(secret)) : null;
    private readonly TimeSpan _clockSkew = options.Value.ClockSkew;

    /// <summary>Returns the cached validation of a token. Returns <see langword="null"/> if the token must be validated.</summary>
    public ValidatedToken? FindValidated(ReadOnlySpan<char> token)
    {
        if (verified.Find(token) is not { } cached)
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (!IsCurrent(cached, now))
        {
            return null;
        }

        if (!ReferenceEquals(cached.Key, _secret))
        {
            keys.RefreshIfOld(now);
        }

        return cached;
    }

    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        if (!_handler.CanReadToken(token))
        {
            return Rejected(new SecurityTokenMalformedException("The token is no JWT."));
        }

        var (key, failure) = await FindKeyAsync(token).ConfigureAwait(false);
        if (key is null)
        {
            return Rejected(failure!);
        }

        var algorithm = GetAlgorithm(key);
        if (validationParameters.ValidAlgorithms?.ToList() is { Count: > 0 } allowed && !allowed.Contains(algorithm))
        {
            return Rejected(new SecurityTokenInvalidAlgorithmException("The host does not accept the token's algorithm."));
        }

        var parameters = validationParameters.Clone();
        parameters.IssuerSigningKey = key;
        parameters.ValidAlgorithms = [algorithm];
        var result = await _handler.ValidateTokenAsync(token, parameters).ConfigureAwait(false);
        if (!result.IsValid)
        {
            return result;
        }

        if (string.IsNullOrEmpty(result.ClaimsIdentity.FindFirst(JwtRegisteredClaimNames.Sub)?.Value))
        {
            return Rejected(new SecurityTokenValidationException("The token names no user."));
        }

        if (rules.AreIn(validationParameters) && AccessToken.TryParse(token, null, out var text))
        {
            var expiresAt = new DateTimeOffset(result.SecurityToken.ValidTo, TimeSpan.Zero);
            verified.Add(new ValidatedToken(text, result.ClaimsIdentity, key, expiresAt));
        }

        return result;
    }

    public override Task<TokenValidationResult> ValidateTokenAsync(SecurityToken token, TokenValidationParameters validationParameters) =>
        throw new NotSupportedException("Tokens come as text.");

    public override SecurityToken ReadToken(string token) => _handler.ReadToken(token);

    // A cached validation is valid until the token expires or until its signing key is removed from the project's keys.
    private bool IsCurrent(ValidatedToken cached, DateTimeOffset now)
    {
        if (now >= cached.ExpiresAt + _clockSkew)
        {
            return false;
        }

        if (ReferenceEquals(cached.Key, _secret))
        {
            return true;
        }

        if (keys.GetTrusted(now)?.Find(cached.Key.KeyId) is not { } listed)
        {
            return false;
        }

        if (ReferenceEquals(listed, cached.Key))
        {
            return true;
        }

        // If the keys were requested again after the validation, the key with this id must still be the same key.
        var isSame = listed.ComputeJwkThumbprint().AsSpan().SequenceEqual(cached.Key.ComputeJwkThumbprint());
        if (isSame)
        {
            verified.Replace(cached, cached.WithKey(listed));
        }

        return isSame;
    }

    private async Task<(SecurityKey? Key, Exception? Failure)> FindKeyAsync(string token)
    {
        JsonWebToken jwt;
        try
        {
            jwt = _handler.ReadJsonWebToken(token);
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException)
        {
            return (null, new SecurityTokenMalformedException("The token is no JWT."));
        }

        if (jwt.Alg is SecurityAlgorithms.HmacSha256)
        {
            return _secret is null
                ? (null, new SecurityTokenInvalidAlgorithmException("HS256 needs the project's JWT secret, which is not set."))
                : (_secret, null);
        }

        if (jwt.Alg is not (
            SecurityAlgorithms.EcdsaSha256 or SecurityAlgorithms.RsaSha256) || string.IsNullOrEmpty(jwt.Kid) || jwt.Kid.Length > 256)
        {
            return (null, new SecurityTokenInvalidAlgorithmException("The token is signed in a way that Supabase does not use."));
        }

        if (await keys.FindAsync(jwt.Kid, CancellationToken.None).ConfigureAwait(false) is not { } known)
        {
            return (null, new SigningKeysUnavailableException());
        }

        return known.Find(jwt.Kid) is { } key && GetAlgorithm(key) == jwt.Alg
            ? (key, null)
            : (null, new SecurityTokenSignatureKeyNotFoundException("No key of the project has the token's key id."));
    }

    private static string GetAlgorithm(SecurityKey key) => key switch
    {
        SymmetricSecurityKey => SecurityAlgorithms.HmacSha256,
        JsonWebKey { Kty: "EC" } => SecurityAlgorithms.EcdsaSha256,
        _ => SecurityAlgorithms.RsaSha256,
    };

    private static TokenValidationResult Rejected(Exception exception) => new() { IsValid = false, Exception = exception };
}
