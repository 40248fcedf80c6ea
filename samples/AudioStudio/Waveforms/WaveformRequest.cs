namespace AudioStudio.Waveforms;

/// <param name="Name">One of the user's uploads.</param>
internal sealed record WaveformRequest(string? Name);
