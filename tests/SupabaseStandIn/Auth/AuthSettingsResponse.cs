using System.Text.Json.Nodes;

namespace SupabaseStandIn.Auth;

/// <summary>Creates the response of <c>/settings</c>, which contains only the members that clients read.</summary>
internal static class AuthSettingsResponse
{
    public static JsonObject Create(AuthOptions settings, bool isNew)
    {
        var response = new JsonObject
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
            response["passkeys_enabled"] = false;
            response["saml_private_key_next_configured"] = true;
        }

        return response;
    }
}
