using System.Text.Json.Serialization;

namespace SessionRecovery.Supabase.Sessions.Internal;

/// <summary>Defines JSON serialization for the types that are received from Supabase Auth.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AuthUser))]
internal sealed partial class AuthJson : JsonSerializerContext;
