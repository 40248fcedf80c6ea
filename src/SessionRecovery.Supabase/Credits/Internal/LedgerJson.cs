using System.Text.Json;
using System.Text.Json.Serialization;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>Defines JSON serialization for the types that are sent to and received from the ledger's functions and tables.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<Dictionary<string, JsonElement>>))]
[JsonSerializable(typeof(LedgerResponse))]
[JsonSerializable(typeof(NoArguments))]
[JsonSerializable(typeof(UserArguments))]
[JsonSerializable(typeof(InitializeArguments))]
[JsonSerializable(typeof(HistoryArguments))]
[JsonSerializable(typeof(OpenReservationsArguments))]
[JsonSerializable(typeof(ConsumeArguments))]
[JsonSerializable(typeof(GrantArguments))]
[JsonSerializable(typeof(RefundArguments))]
[JsonSerializable(typeof(AdjustArguments))]
[JsonSerializable(typeof(ReserveArguments))]
[JsonSerializable(typeof(RenewArguments))]
[JsonSerializable(typeof(CaptureArguments))]
[JsonSerializable(typeof(ReleaseArguments))]
[JsonSerializable(typeof(SnapshotArguments))]
[JsonSerializable(typeof(RecordArguments))]
internal sealed partial class LedgerJson : JsonSerializerContext;
