using System.Text.Json.Serialization;

namespace SessionRecovery.Supabase.KeyRing.Internal;

/// <summary>The types that are sent to and received from the functions of the key ring.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeyRingResponse))]
[JsonSerializable(typeof(ReadArguments))]
[JsonSerializable(typeof(AddArguments))]
internal sealed partial class KeyRingJson : JsonSerializerContext;
