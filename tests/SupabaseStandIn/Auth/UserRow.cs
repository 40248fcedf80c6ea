using System.Globalization;
using System.Text.Json.Nodes;

namespace SupabaseStandIn.Auth;

/// <summary>A row of <c>auth.users</c>.</summary>
internal sealed record UserRow(Guid Id, string Email, string? Password, DateTime? ConfirmedAt, DateTime? LastSignInAt, string UserMetadata, DateTime CreatedAt, DateTime UpdatedAt, DateTime? BannedUntil)
{
    public JsonObject ToJson(bool afterSignUp = false)
    {
        var user = new JsonObject
        {
            ["id"] = Id.ToString(),
            ["aud"] = "authenticated",
            ["role"] = "authenticated",
            ["email"] = Email,
            ["email_confirmed_at"] = Time(ConfirmedAt),
            ["phone"] = string.Empty,
        };
        if (!afterSignUp)
        {
            user["confirmed_at"] = Time(ConfirmedAt);
        }

        user["last_sign_in_at"] = Time(LastSignInAt);
        user["app_metadata"] = new JsonObject { ["provider"] = "email", ["providers"] = new JsonArray("email") };
        user["user_metadata"] = JsonNode.Parse(UserMetadata);
        user["identities"] = new JsonArray(new JsonObject
        {
            ["identity_id"] = Id.ToString(),
            ["id"] = Id.ToString(),
            ["user_id"] = Id.ToString(),
            ["identity_data"] = JsonNode.Parse(UserMetadata),
            ["provider"] = "email",
            ["last_sign_in_at"] = Time(CreatedAt),
            ["created_at"] = Time(CreatedAt),
            ["updated_at"] = Time(UpdatedAt),
            ["email"] = Email,
        });
        user["created_at"] = Time(CreatedAt);
        user["updated_at"] = Time(UpdatedAt);
        user["is_anonymous"] = false;
        return user;
    }

    private static string? Time(DateTime? time) => time?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
