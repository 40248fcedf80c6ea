using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>
/// Creates the state in which a request was recorded, for example after an action of an administrator, a change of the clock, or a restored
/// backup.
/// </summary>
internal sealed class AuthFixture(AuthReplayer replayer)
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(11);

    private Control.StandInControl Control => replayer.StandIn.Control;

    public async Task ApplyAsync(string name)
    {
        switch (name)
        {
            case var _ when name.EndsWith("-repeat-30-days-later", StringComparison.Ordinal):
                await Control.AdvanceAsync(TimeSpan.FromDays(30));
                break;
            case var _ when name.EndsWith("-after-interval-child-unused", StringComparison.Ordinal):
                var session = name.Replace("refresh-", string.Empty, StringComparison.Ordinal)
                    .Replace("-after-interval-child-unused", "w", StringComparison.Ordinal);
                await replayer.OpenSessionAsync(session + "1", 2);
                await replayer.OpenSessionAsync(session + "2", 3);
                await Control.AdvanceAsync(Later);
                break;
            case "refresh-v1-row-lost":
                await replayer.OpenSessionAsync("lostrow", 2);
                await Control.ExecuteAsync(
                    $"delete from auth.refresh_tokens where session_id = '{replayer.GetSession("lostrow")}' and not revoked");
                await Control.ExecuteAsync(
                    $"update auth.refresh_tokens set revoked = false where session_id = '{replayer.GetSession("lostrow")}'");
                break;
            case "refresh-v2-counter-ahead":
                await replayer.OpenSessionAsync("ahead", 3);
                await Control.ExecuteAsync(
                    $"update auth.sessions set refresh_token_counter = 0 where id = '{replayer.GetSession("ahead")}'");
                break;
            case "refresh-v1-logged-out-session" or "refresh-v2-logged-out-session":
                await replayer.OpenSessionAsync($"lo{name[9]}", 1);
                await replayer.OpenSessionAsync($"lo{name[9]}-second", 1);
                await replayer.LogoutAsync($"lo{name[9]}");
                break;
            case "refresh-v1-soft-deleted-user" or "refresh-v2-soft-deleted-user":
                await replayer.OpenSessionAsync($"sdel{name[9]}", 1);
                await Control.Users.EndSessionsAsync(await replayer.UserAsync($"sdel{name[9]}"));
                break;
            case var _ when name.StartsWith("lost-then-wait-", StringComparison.Ordinal):
                var lost = name["lost-then-wait-v".Length..].Replace("-i", "-", StringComparison.Ordinal);
                await new AuthLostResponses(replayer)
                    .LoseAndWaitAsync($"lost{lost}-wait", name.EndsWith("-i0", StringComparison.Ordinal) ? TimeSpan.FromSeconds(1) : Later);
                break;
            case "refresh-v1-deleted-user" or "refresh-v2-deleted-user":
                await replayer.OpenSessionAsync($"del{name[9]}", 1);
                await Control.Users.DeleteAsync(await replayer.UserAsync($"del{name[9]}"));
                break;
            case "refresh-v1-timebox" or "refresh-v2-timebox":
                await replayer.OpenSessionAsync($"tb{name[9]}", 1);
                Control.Auth.SessionTimebox = TimeSpan.FromSeconds(1);
                await Control.AdvanceAsync(Later);
                break;
            case "refresh-v1-inactivity" or "refresh-v2-inactivity":
                Control.Auth.InactivityTimeout = TimeSpan.FromSeconds(1);
                await Control.AdvanceAsync(Later);
                break;
            case "refresh-v1-single-session-older" or "refresh-v2-single-session-older":
                await replayer.OpenSessionAsync($"single{name[9]}", 1);
                await replayer.OpenSessionAsync($"single{name[9]}-second", 1);
                Control.Auth.SingleSessionPerUser = true;
                break;
            case "refresh-v1-banned" or "refresh-v2-banned":
                await BanAsync($"ban{name[9]}");
                break;
            case "refresh-v1-ban-lifted" or "refresh-v2-ban-lifted":
                await Control.Users.LiftBanAsync(await replayer.UserAsync($"ban{name[9]}"));
                break;
            case "refresh-v1-banned-user-logout" or "refresh-v2-banned-user-logout":
                await BanAsync($"banlo{name[9]}");
                break;
            case "logout-default" or "logout-global" or "logout-local" or "logout-others":
                await replayer.OpenSessionAsync($"lg{name["logout-".Length..]}", 1);
                await replayer.OpenSessionAsync($"lg{name["logout-".Length..]}-other", 1);
                break;
            case "password-change-ok":
                await replayer.OpenSessionAsync("pwchange", 1);
                await replayer.OpenSessionAsync("pwchange-other", 1);
                break;
            case "signup-confirm-existing-confirmed":
                await replayer.UserAsync("confirmed");
                break;
            case "user-get-banned":
                await BanAsync("ubanned");
                break;
            case var _ when name.StartsWith("password-banned", StringComparison.Ordinal):
                await Control.Users.BanAsync(await replayer.UserAsync("banned"), TimeSpan.FromDays(1));
                break;
            case var _ when name.StartsWith("refresh-upgrade-", StringComparison.Ordinal)
                && name.EndsWith("-first", StringComparison.Ordinal):
                await replayer.OpenSessionAsync(name.Contains("i10", StringComparison.Ordinal) ? "up10-0" : "up0-0", 1);
                (Control.Auth.RefreshAlgorithm, Control.Auth.UpgradeRefreshTokens) = (2, true);
                break;
            case "jwks-hs256-only":
                await replayer.OpenSessionAsync("hs", 1);
                await replayer.OpenSessionAsync("hslist", 1);
                break;
            case "jwks-es256-current-hs-previous":
                await RotateAsync(SigningAlgorithm.ES256, "ec-1");
                break;
            case "jwks-es256-only":
                await Control.RevokePreviousKeysAsync();
                break;
            case "jwks-four-keys":
                await RotateAsync(SigningAlgorithm.ES256, "ec-2");
                await Control.AddStandbyKeyAsync(SigningAlgorithm.RS256, "rsa-1");
                break;
            case "jwks-after-revocation":
                await Control.RevokeKeyAsync("ec-1");
                await Control.RevokeKeyAsync("rsa-1");
                break;
            case "jwks-rs256":
                await Control.ExecuteAsync("delete from stand_in.signing_keys where id = 'rsa-1'");
                await RotateAsync(SigningAlgorithm.RS256, "rsa-1");
                await Control.RevokePreviousKeysAsync();
                break;
            case var _ when name.StartsWith("mail-total-", StringComparison.Ordinal):
                (Control.Auth.Autoconfirm, Control.Auth.MailsPerHour) = (false, 2);
                await Control.ExecuteAsync("update auth.users set confirmation_sent_at = null where email not like 'mail_@example.com'");
                break;
            case var _ when name.StartsWith("password-", StringComparison.Ordinal):
                await replayer.UserAsync("anna");
                break;
        }
    }

    private async Task RotateAsync(SigningAlgorithm algorithm, string id)
    {
        await Control.AddStandbyKeyAsync(algorithm, id);
        await Control.RotateKeyAsync();
    }

    private async Task BanAsync(string session)
    {
        await replayer.OpenSessionAsync(session, 1);
        await Control.Users.BanAsync(await replayer.UserAsync(session), TimeSpan.FromDays(1));
    }
}
