using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Represents the status and the headers of a response that is stored for a repeated request.</summary>
internal sealed record StoredHead(
    int StatusCode, string? ContentType, string? Location, Dictionary<string, string> Headers, bool CanStoreBody)
{
    public StoredResponse WithBody(byte[]? body) =>
        new(StatusCode, ContentType, Location, CanStoreBody ? body : null) { Headers = Headers };
}
