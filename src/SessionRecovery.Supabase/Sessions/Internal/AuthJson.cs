using System.Text.Json.Serialization;

namespace SessionRecovery.Supabase.Sessions.Internal;

/// <summary>The types that are received from Auth.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AuthUser))]
internal sealed partial class AuthJson : JsonSerializerContext;
