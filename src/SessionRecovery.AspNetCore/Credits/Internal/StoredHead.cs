using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>A response as it is stored for a repeat, without its body.</summary>
internal sealed record StoredHead(
    int StatusCode, string? ContentType, string? Location, Dictionary<string, string> Headers, bool CanStoreBody)
{
    public StoredResponse WithBody(byte[]? body) =>
        new(StatusCode, ContentType, Location, CanStoreBody ? body : null) { Headers = Headers };
}
