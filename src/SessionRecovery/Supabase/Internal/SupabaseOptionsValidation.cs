using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace SessionRecovery.Supabase.Internal;

/// <summary>Finds what is wrong with the settings before the first request. No message ever shows a key.</summary>
internal sealed partial class SupabaseOptionsValidation(SupabaseFeatures features) : IValidateOptions<SupabaseOptions>
{
    private const int MaxKeyLength = 4096;

    public ValidateOptionsResult Validate(string? name, SupabaseOptions options)
    {
        var failures = new List<string>();
        if (!IsAddress(options.Url))
        {
            failures.Add("SupabaseOptions.Url (SessionRecovery:Supabase:Url, SUPABASE_URL) must be the project's address, such as https://abcdefgh.supabase.co, without a path; http only to a loopback address.");
        }

        CheckPublishableKey(options.PublishableKey, failures);
        CheckSecretKey(options.SecretKey, failures);
        if (string.IsNullOrEmpty(options.SecretKey))
        {
            failures.AddRange(features.NeedSecretKey(options).Select(static what =>
                $"{what} needs SupabaseOptions.SecretKey (SessionRecovery:Supabase:SecretKey, SUPABASE_SERVICE_ROLE_KEY)."));
        }

        CheckName(nameof(options.Table), options.Table, failures);
        CheckName(nameof(options.UserIdColumn), options.UserIdColumn, failures);
        CheckName(nameof(options.CreditsColumn), options.CreditsColumn, failures);
        if (features.Ledger && (options.Table, options.UserIdColumn, options.CreditsColumn) != ("user_credits", "user_id", "credits"))
        {
            failures.Add("UseSupabaseLedger() keeps its balances in user_credits (user_id, credits): rename yours, and take SupabaseOptions.Table, UserIdColumn and CreditsColumn out.");
        }

        if (options.ActivityTable.Length > 0)
        {
            CheckName(nameof(options.ActivityTable), options.ActivityTable, failures);
        }

        CheckName(nameof(options.ActivityUserIdColumn), options.ActivityUserIdColumn, failures);
        CheckName(nameof(options.ActivityTimeColumn), options.ActivityTimeColumn, failures);
        if (!BucketName().IsMatch(options.Bucket))
        {
            failures.Add("SupabaseOptions.Bucket must be 1 to 100 letters, digits, hyphens and underscores.");
        }

        if (!Enum.IsDefined(options.ReadAs))
        {
            failures.Add("SupabaseOptions.ReadAs must be User or Server.");
        }

        if (options.RequestTimeout < TimeSpan.FromMilliseconds(50) || options.RequestTimeout > TimeSpan.FromMinutes(1))
        {
            failures.Add("SupabaseOptions.RequestTimeout must be from 50 ms to 1 min.");
        }

        if (options.MaxReadAttempts is < 1 or > 10)
        {
            failures.Add("SupabaseOptions.MaxReadAttempts must be from 1 to 10.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static bool IsAddress(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        && address.PathAndQuery == "/"
        && address.Fragment.Length == 0
        && address.UserInfo.Length == 0;

    private static void CheckPublishableKey(string key, List<string> failures)
    {
        if (SupabaseKey.IsSecret(key))
        {
            failures.Add("SupabaseOptions.PublishableKey (SessionRecovery:Supabase:PublishableKey, SUPABASE_ANON_KEY) holds a secret key. It goes to SecretKey; if it was published, replace it.");
        }
        else if (!IsKey(key) || !SupabaseKey.IsPublishable(key))
        {
            failures.Add("SupabaseOptions.PublishableKey (SessionRecovery:Supabase:PublishableKey, SUPABASE_ANON_KEY) must be a publishable key (sb_publishable_…) or the legacy anon key.");
        }
    }

    private static void CheckSecretKey(string? key, List<string> failures)
    {
        if (!string.IsNullOrEmpty(key) && (!IsKey(key) || !SupabaseKey.IsSecret(key)))
        {
            failures.Add("SupabaseOptions.SecretKey (SessionRecovery:Supabase:SecretKey, SUPABASE_SERVICE_ROLE_KEY) must be a secret key (sb_secret_…) or the legacy service_role key.");
        }
    }

    private static void CheckName(string setting, string value, List<string> failures)
    {
        if (!Identifier().IsMatch(value))
        {
            failures.Add($"SupabaseOptions.{setting} must be a plain name of 1 to 63 letters, digits and underscores.");
        }
    }

    private static bool IsKey(string key) => key.Length is > 0 and <= MaxKeyLength && !key.AsSpan().ContainsAnyExceptInRange('!', '~');

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,62}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex Identifier();

    [GeneratedRegex("^[A-Za-z0-9_-]{1,100}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex BucketName();
}
