namespace AudioStudio.Waveforms;

/// <param name="Name">The name of the file.</param>
/// <param name="DurationS">The duration in seconds.</param>
/// <param name="Peaks">The lowest and highest sample of each point, from -1 to 1.</param>
internal sealed record WaveformResponse(string Name, double DurationS, float[][] Peaks);
