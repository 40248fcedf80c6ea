using Microsoft.Extensions.Options;
using SessionRecovery.Shared;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

internal sealed class UserSessionOptionsValidator : IValidateOptions<UserSessionOptions>
{
    public ValidateOptionsResult Validate(string? name, UserSessionOptions options) => new OptionsRules("Session")
        .Require(
            nameof(options.Scheme),
            options.Scheme is null || !string.IsNullOrWhiteSpace(options.Scheme),
            "is blank; valid values are the host's authentication schemes")
        .Require(
            nameof(options.UserIdClaims),
            !options.UserIdClaims.Any(string.IsNullOrWhiteSpace),
            "contains a blank name; valid values are claim types")
        .Require(
            nameof(options.FileUserIdClaims),
            !options.FileUserIdClaims.Any(string.IsNullOrWhiteSpace),
            "contains a blank name; valid values are claim types")
        .ToResult();
}
