using System.Text.Json.Serialization;

namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>Defines JSON serialization for the types that are sent to and received from Supabase Storage.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BucketRow))]
[JsonSerializable(typeof(ListRequest))]
[JsonSerializable(typeof(List<ObjectRow>))]
internal sealed partial class StorageJson : JsonSerializerContext;
