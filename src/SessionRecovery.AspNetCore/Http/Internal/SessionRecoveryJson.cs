using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>The serializer options of the wire types. The host's own JSON settings do not change them.</summary>
internal sealed class SessionRecoveryJson(JsonSerializerOptions options)
{
    public JsonTypeInfo<T> GetTypeInfo<T>() => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
}
