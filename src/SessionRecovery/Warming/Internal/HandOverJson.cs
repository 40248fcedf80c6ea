using System.Text.Json.Serialization;

namespace SessionRecovery.Warming.Internal;

/// <summary>Serializes the user ids that are written to the host's distributed cache.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class HandOverJson : JsonSerializerContext;
