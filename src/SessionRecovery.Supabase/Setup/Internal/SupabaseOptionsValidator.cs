using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using SessionRecovery.Shared;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Setup.Internal;

/// <summary>Validates the options before the first request. No error message contains a key.</summary>
internal sealed partial class SupabaseOptionsValidator(SupabaseFeatures features) : IValidateOptions<SupabaseOptions>
{
    private const int MaxKeyLength = 4096;

    public ValidateOptionsResult Validate(string? name, SupabaseOptions options)
    {
        var rules = new OptionsRules("Supabase");
        CheckConnection(rules, options);
        CheckNames(rules, options);
        rules.Require(nameof(options.ReadAs), Enum.IsDefined(options.ReadAs), "must be User or Server");
        rules.Range(nameof(options.RequestTimeout), options.RequestTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1));
        rules.Range(nameof(options.MaxReadAttempts), options.MaxReadAttempts, 1, 10);
        return rules.ToResult();
    }

    private void CheckConnection(OptionsRules rules, SupabaseOptions options)
    {
        if (!features.Connection)
        {
            rules.Fail($"{(features.Ledger ? "UseSupabaseLedger()" : "AddSupabaseFiles()")} requires UseSupabase(…). Call both.");
        }

        rules.Require(
            nameof(options.Url),
            ProjectAddress.IsValid(options.Url, options.AllowInsecureHttp),
            "(SUPABASE_URL) must be the project's address, such as https://abcdefgh.supabase.co, without the path of one of its services; "
            + "http is valid for loopback and private addresses, and elsewhere with AllowInsecureHttp");
        rules.Require(
            nameof(options.PublishableKey),
            !SupabaseKey.IsSecret(options.PublishableKey),
            "(SUPABASE_ANON_KEY) contains a secret key. Set SecretKey instead, and replace the key if it was published");
        rules.Require(
            nameof(options.PublishableKey),
            SupabaseKey.IsSecret(options.PublishableKey) || (IsKey(options.PublishableKey)
                && SupabaseKey.IsPublishable(options.PublishableKey)),
            "(SUPABASE_ANON_KEY) must be a publishable key (sb_publishable_…) or the legacy anon key");
        var hasSecretKey = !string.IsNullOrEmpty(options.SecretKey);
        rules.Require(
            nameof(options.SecretKey),
            !hasSecretKey || (IsKey(options.SecretKey!) && SupabaseKey.IsSecret(options.SecretKey!)),
            "(SUPABASE_SERVICE_ROLE_KEY) must be a secret key (sb_secret_…) or the legacy service_role key");
        foreach (var feature in hasSecretKey ? [] : features.GetSecretKeyUsers(options))
        {
            rules.Require(nameof(options.SecretKey), condition: false, $"(SUPABASE_SERVICE_ROLE_KEY) is required by {feature}");
        }
    }

    private void CheckNames(OptionsRules rules, SupabaseOptions options)
    {
        CheckName(nameof(options.Table), options.Table);
        CheckName(nameof(options.UserIdColumn), options.UserIdColumn);
        CheckName(nameof(options.CreditsColumn), options.CreditsColumn);
        if (options.ActivityTable.Length > 0)
        {
            CheckName(nameof(options.ActivityTable), options.ActivityTable);
        }

        CheckName(nameof(options.ActivityUserIdColumn), options.ActivityUserIdColumn);
        CheckName(nameof(options.ActivityTimeColumn), options.ActivityTimeColumn);
        if (features.Ledger && (options.Table, options.UserIdColumn, options.CreditsColumn) != ("user_credits", "user_id", "credits"))
        {
            rules.Fail("UseSupabaseLedger() keeps its balances in user_credits (user_id, credits). Rename your table and remove "
                + "SessionRecovery:Supabase:Table, UserIdColumn and CreditsColumn.");
        }

        rules.Require(
            nameof(options.Bucket), BucketName().IsMatch(options.Bucket), "must be 1 to 100 letters, digits, hyphens and underscores");

        void CheckName(string member, string value) =>
            rules.Require(member, Identifier().IsMatch(value), "must be 1 to 63 letters, digits and underscores");
    }

    private static bool IsKey(string key) => key.Length is > 0 and <= MaxKeyLength && !key.AsSpan().ContainsAnyExceptInRange('!', '~');

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,62}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex Identifier();

    [GeneratedRegex("^[A-Za-z0-9_-]{1,100}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex BucketName();
}
