using System.Text.Json.Serialization;

namespace SessionRecovery.Warming.Internal;

/// <summary>The user ids as they are written to the host's distributed cache.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class HandOverJson : JsonSerializerContext;
