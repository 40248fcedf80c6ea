using System.Text.Json.Serialization;

namespace SessionRecovery.Supabase.KeyRing.Internal;

/// <summary>Serializes the arguments and the responses of the key ring functions.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeyRingResponse))]
[JsonSerializable(typeof(ReadArguments))]
[JsonSerializable(typeof(AddArguments))]
internal sealed partial class KeyRingJson : JsonSerializerContext;
