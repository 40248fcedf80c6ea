using System.Text;
using Microsoft.Extensions.Options;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>Checks every setting against the limits that its documentation gives. No message shows the secret.</summary>
internal sealed class SupabaseAuthenticationOptionsValidator : IValidateOptions<SupabaseAuthenticationOptions>
{
    public ValidateOptionsResult Validate(string? name, SupabaseAuthenticationOptions options)
    {
        var failures = new List<string>();
        Check(IsAddress(options.Url), nameof(options.Url), "(SUPABASE_URL) must be the project's address without a path; http only to a loopback address");
        Check(options.Audience.Length is > 0 and <= 256, nameof(options.Audience), "must have 1 to 256 characters");
        Check(options.JwtSecret is null || Encoding.UTF8.GetByteCount(options.JwtSecret) >= 32, nameof(options.JwtSecret), "(SUPABASE_JWT_SECRET) must have at least 32 bytes");
        Check(options.ClockSkew >= TimeSpan.Zero && options.ClockSkew <= TimeSpan.FromMinutes(5), nameof(options.ClockSkew), "must be from 0 to 5 min");
        Check(options.KeyLifetime >= TimeSpan.FromMinutes(1) && options.KeyLifetime <= TimeSpan.FromHours(24), nameof(options.KeyLifetime), "must be from 1 min to 24 h");
        Check(options.UnconfirmedKeyLifetime >= TimeSpan.Zero && options.UnconfirmedKeyLifetime <= TimeSpan.FromHours(24), nameof(options.UnconfirmedKeyLifetime), "must be from 0 to 24 h");
        Check(options.MaxCachedTokens is >= 0 and <= 1_000_000, nameof(options.MaxCachedTokens), "must be from 0 to 1,000,000");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(bool holds, string setting, string rule)
        {
            if (!holds)
            {
                failures.Add($"SupabaseAuthenticationOptions.{setting} {rule}.");
            }
        }
    }

    private static bool IsAddress(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        && address.PathAndQuery == "/"
        && address.UserInfo.Length == 0;
}
