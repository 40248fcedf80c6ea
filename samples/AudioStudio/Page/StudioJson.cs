using System.Text.Json.Serialization;
using AudioStudio.Waveforms;

namespace AudioStudio.Page;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WaveformRequest))]
[JsonSerializable(typeof(WaveformResponse))]
[JsonSerializable(typeof(StudioInfo))]
internal sealed partial class StudioJson : JsonSerializerContext;
