namespace AudioStudio.Waveforms;

/// <param name="Name">The name of one of the user's files.</param>
internal sealed record WaveformRequest(string? Name);
