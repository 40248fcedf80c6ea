using System.Text.Json;
using System.Text.Json.Serialization;
using SessionRecovery.Supabase.Credits.Internal;
using SessionRecovery.Supabase.Files.Internal;
using SessionRecovery.Supabase.Sessions.Internal;

namespace SessionRecovery.Supabase.Internal;

/// <summary>Every type that goes over the wire to Supabase or comes from there.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<Dictionary<string, JsonElement>>))]
[JsonSerializable(typeof(LedgerResponse))]
[JsonSerializable(typeof(NoArguments))]
[JsonSerializable(typeof(UserArguments))]
[JsonSerializable(typeof(ConsumeArguments))]
[JsonSerializable(typeof(ReserveArguments))]
[JsonSerializable(typeof(ExtendArguments))]
[JsonSerializable(typeof(CaptureArguments))]
[JsonSerializable(typeof(ReleaseArguments))]
[JsonSerializable(typeof(SnapshotArguments))]
[JsonSerializable(typeof(AuthUser))]
[JsonSerializable(typeof(BucketRow))]
[JsonSerializable(typeof(ListRequest))]
[JsonSerializable(typeof(List<ObjectRow>))]
internal sealed partial class SupabaseJson : JsonSerializerContext;
