using System.Text;
using Microsoft.Extensions.Options;
using SessionRecovery.Shared;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>Validates the options at startup. No error message contains the legacy secret.</summary>
internal sealed class SupabaseAuthenticationOptionsValidator : IValidateOptions<SupabaseAuthenticationOptions>
{
    public ValidateOptionsResult Validate(string? name, SupabaseAuthenticationOptions options) => new OptionsRules("SupabaseAuthentication")
        .Require(
            nameof(options.Url),
            ProjectAddress.IsValid(options.Url, options.AllowInsecureHttp),
            "(SUPABASE_URL) must be the project's address without the path of one of its services; http is valid for loopback and private "
            + "addresses, and elsewhere with AllowInsecureHttp")
        .Require(nameof(options.Audience), options.Audience.Length is > 0 and <= 256, "must have 1 to 256 characters")
        .Require(
            nameof(options.JwtSecret),
            options.JwtSecret is null || Encoding.UTF8.GetByteCount(options.JwtSecret) >= 32,
            "(SUPABASE_JWT_SECRET) must have at least 32 bytes")
        .Range(nameof(options.ClockSkew), options.ClockSkew, TimeSpan.Zero, TimeSpan.FromMinutes(5))
        .Range(nameof(options.KeyLifetime), options.KeyLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromHours(24))
        .Range(nameof(options.UnconfirmedKeyLifetime), options.UnconfirmedKeyLifetime, TimeSpan.Zero, TimeSpan.FromHours(24))
        .Range(nameof(options.MaxCachedTokens), options.MaxCachedTokens, 0, 1_000_000)
        .ToResult();
}
