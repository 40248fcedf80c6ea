using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

/// <summary>
/// Creates the validation parameters of this package, and checks whether the host has changed them. Tokens are cached only if the host has
/// changed none of the parameters, because a validation rule of the host must run for every token.
/// </summary>
internal sealed class ValidationRules
{
    private readonly SupabaseAuthenticationOptions _options;
    private readonly TimeProvider _time;
    private readonly TokenValidationParameters _own;

    public ValidationRules(IOptions<SupabaseAuthenticationOptions> options, TimeProvider time)
    {
        (_options, _time) = (options.Value, time);
        _own = Create();
    }

    public TokenValidationParameters Create() => new()
    {
        ValidIssuer = string.IsNullOrEmpty(_options.Issuer) ? $"{_options.Url.TrimEnd('/')}/auth/v1" : _options.Issuer,
        ValidAudience = _options.Audience,
        ClockSkew = _options.ClockSkew,
        NameClaimType = "email",
        RoleClaimType = "role",
        LifetimeValidator = IsWithinLifetime,
    };

    /// <summary>Returns whether all parameters have the values that this package sets.</summary>
    public bool AreIn(TokenValidationParameters rules) =>
        rules.GetType() == typeof(TokenValidationParameters)
        && HaveOwnValues(rules)
        && HaveOwnSwitches(rules)
        && HaveOwnValidators(rules)
        && HaveOwnKeys(rules);

    private bool HaveOwnValues(TokenValidationParameters rules) =>
        rules.ClockSkew == _own.ClockSkew
        && rules.ValidIssuer == _own.ValidIssuer
        && rules.ValidIssuers == _own.ValidIssuers
        && rules.ValidAudience == _own.ValidAudience
        && rules.ValidAudiences == _own.ValidAudiences
        && rules.ValidAlgorithms == _own.ValidAlgorithms
        && rules.ValidTypes == _own.ValidTypes
        && rules.AuthenticationType == _own.AuthenticationType
        && rules.NameClaimType == _own.NameClaimType
        && rules.NameClaimTypeRetriever == _own.NameClaimTypeRetriever
        && rules.RoleClaimType == _own.RoleClaimType
        && rules.RoleClaimTypeRetriever == _own.RoleClaimTypeRetriever
        && rules.PropertyBag == _own.PropertyBag
        && rules.InstancePropertyBag.Count == 0;

    private bool HaveOwnSwitches(TokenValidationParameters rules) =>
        rules.IgnoreTrailingSlashWhenValidatingAudience == _own.IgnoreTrailingSlashWhenValidatingAudience
        && rules.RequireAudience == _own.RequireAudience
        && rules.RequireExpirationTime == _own.RequireExpirationTime
        && rules.RequireSignedTokens == _own.RequireSignedTokens
        && rules.SaveSigninToken == _own.SaveSigninToken
        && rules.ValidateActor == _own.ValidateActor
        && rules.ValidateAudience == _own.ValidateAudience
        && rules.ValidateIssuer == _own.ValidateIssuer
        && rules.ValidateIssuerSigningKey == _own.ValidateIssuerSigningKey
        && rules.ValidateLifetime == _own.ValidateLifetime
        && rules.ValidateSignatureLast == _own.ValidateSignatureLast
        && rules.ValidateTokenReplay == _own.ValidateTokenReplay
        && rules.ValidateWithLKG == _own.ValidateWithLKG
        && rules.RefreshBeforeValidation == _own.RefreshBeforeValidation;

    private bool HaveOwnValidators(TokenValidationParameters rules) =>
        rules.LifetimeValidator == _own.LifetimeValidator
        && rules.ActorValidationParameters == _own.ActorValidationParameters
        && rules.AudienceValidator == _own.AudienceValidator
        && rules.IssuerValidator == _own.IssuerValidator
        && rules.IssuerValidatorUsingConfiguration == _own.IssuerValidatorUsingConfiguration
        && rules.IssuerSigningKeyValidator == _own.IssuerSigningKeyValidator
        && rules.IssuerSigningKeyValidatorUsingConfiguration == _own.IssuerSigningKeyValidatorUsingConfiguration
        && rules.SignatureValidator == _own.SignatureValidator
        && rules.SignatureValidatorUsingConfiguration == _own.SignatureValidatorUsingConfiguration
        && rules.AlgorithmValidator == _own.AlgorithmValidator
        && rules.TypeValidator == _own.TypeValidator
        && rules.TokenReader == _own.TokenReader
        && rules.TokenReplayCache == _own.TokenReplayCache
        && rules.TokenReplayValidator == _own.TokenReplayValidator
        && rules.TransformBeforeSignatureValidation == _own.TransformBeforeSignatureValidation
        && rules.TryReadJwtClaim == _own.TryReadJwtClaim;

    private bool HaveOwnKeys(TokenValidationParameters rules) =>
        rules.ConfigurationManager == _own.ConfigurationManager
        && rules.CryptoProviderFactory == _own.CryptoProviderFactory
        && rules.IssuerSigningKey == _own.IssuerSigningKey
        && rules.IssuerSigningKeys == _own.IssuerSigningKeys
        && rules.IssuerSigningKeyResolver == _own.IssuerSigningKeyResolver
        && rules.IssuerSigningKeyResolverUsingConfiguration == _own.IssuerSigningKeyResolverUsingConfiguration
        && rules.TryAllIssuerSigningKeys == _own.TryAllIssuerSigningKeys
        && rules.TokenDecryptionKey == _own.TokenDecryptionKey
        && rules.TokenDecryptionKeys == _own.TokenDecryptionKeys
        && rules.TokenDecryptionKeyResolver == _own.TokenDecryptionKeyResolver
        && rules.TryAllDecryptionKeys == _own.TryAllDecryptionKeys;

    // Checks the lifetime with the host's TimeProvider, which a test can control. The claim "nbf" is optional, because Supabase's access
    // tokens do not contain it.
    private bool IsWithinLifetime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return expires is { } end
            && now < end + parameters.ClockSkew
            && (notBefore is not { } begin || now >= begin - parameters.ClockSkew);
    }
}
