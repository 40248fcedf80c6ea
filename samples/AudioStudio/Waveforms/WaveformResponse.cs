namespace AudioStudio.Waveforms;

/// <param name="Name">The upload.</param>
/// <param name="DurationS">Its length in seconds.</param>
/// <param name="Peaks">Per point the lowest and the highest sample, from -1 to 1.</param>
internal sealed record WaveformResponse(string Name, double DurationS, float[][] Peaks);
