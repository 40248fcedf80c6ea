using SessionRecovery.Credits;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>Represents a stored response in the ledger's JSON format, in which the body is encoded in base64.</summary>
internal sealed record LedgerStoredResponse(
    int Status, string? ContentType, string? Location, Dictionary<string, string>? Headers, byte[]? Body)
{
    public static LedgerStoredResponse? Create(StoredResponse? response) => response is null
        ? null
        : new LedgerStoredResponse(
            response.StatusCode,
            response.ContentType,
            response.Location,
            response.Headers.Count == 0 ? null : new(response.Headers),
            response.Body?.ToArray());

    public StoredResponse ToStored() => new(Status, ContentType, Location, Body) { Headers = Headers ?? [] };
}
