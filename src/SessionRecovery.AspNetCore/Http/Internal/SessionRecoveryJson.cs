using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>
/// Holds the serializer options for request and response types. The host's own JSON settings do not affect these options.
/// </summary>
internal sealed class SessionRecoveryJson(JsonSerializerOptions options)
{
    public JsonTypeInfo<T> GetTypeInfo<T>() => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
}
