using Microsoft.Extensions.Options;
using SessionRecovery.Shared;

namespace SessionRecovery.Files.Internal;

internal sealed class UserFileOptionsValidator : IValidateOptions<UserFileOptions>
{
    public ValidateOptionsResult Validate(string? name, UserFileOptions options) => new OptionsRules("Files")
        .Require(
            nameof(options.Folder),
            options.Folder.Length == 0 || Path.IsPathFullyQualified(options.Folder),
            "must be an absolute path on a disk that survives a deploy")
        .Range(nameof(options.MaxSize), options.MaxSize, 1, 10L * 1024 * 1024 * 1024)
        .Range(nameof(options.MaxFiles), options.MaxFiles, 1, 100_000)
        .Require(
            nameof(options.AllowedContentTypes),
            options.AllowedContentTypes.All(static type => MediaTypeName.IsName(type)),
            "must contain content types such as application/pdf, without parameters and wildcards")
        .Range(nameof(options.LinkLifetime), options.LinkLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromHours(24))
        .ToResult();
}
