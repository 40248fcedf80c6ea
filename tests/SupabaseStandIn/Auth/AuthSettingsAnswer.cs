using System.Text.Json.Nodes;

namespace SupabaseStandIn.Auth;

/// <summary><c>/settings</c>, as far as a client looks at it.</summary>
internal static class AuthSettingsAnswer
{
    public static JsonObject Create(AuthOptions settings, bool isNew)
    {
        var answer = new JsonObject
        {
            ["external"] =
                new JsonObject { ["anonymous_users"] = settings.AnonymousSignIns, ["email"] = !settings.EmailDisabled, ["phone"] = false },
            ["disable_signup"] = settings.SignUpDisabled,
            ["mailer_autoconfirm"] = settings.Autoconfirm,
            ["phone_autoconfirm"] = false,
            ["sms_provider"] = string.Empty,
            ["saml_enabled"] = false,
        };
        if (isNew)
        {
            answer["passkeys_enabled"] = false;
            answer["saml_private_key_next_configured"] = true;
        }

        return answer;
    }
}
