using System.Text.Json;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Represents the JSON object that a function of the ledger returned.</summary>
internal sealed record FunctionResult(JsonElement Json)
{
    public string Outcome => Json.GetProperty("outcome").GetString()!;

    public long Available => Json.GetProperty("available").GetInt64();

    public long Held => Json.GetProperty("held").GetInt64();

    public long Version => Json.GetProperty("version").GetInt64();

    public long Required => Json.GetProperty("required").GetInt64();

    public long LedgerId => Json.GetProperty("ledger_id").GetInt64();

    public bool Replayed => Json.GetProperty("replayed").GetBoolean();

    public bool Created => Json.GetProperty("created").GetBoolean();

    public Guid Reservation => Json.GetProperty("reservation_id").GetGuid();

    public int Attempt => Json.GetProperty("attempt").GetInt32();

    public double? HoldExpiresIn =>
        Json.GetProperty("hold_expires_in") is { ValueKind: JsonValueKind.Number } seconds ? seconds.GetDouble() : null;

    public IReadOnlyList<string> Names => [.. Json.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal)];

    public override string ToString() => Json.ToString();
}
