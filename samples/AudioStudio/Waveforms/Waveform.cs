namespace AudioStudio.Waveforms;

/// <summary>Represents the waveform of a sound: its duration, and the lowest and the highest sample of each of its points.</summary>
internal sealed record Waveform(double DurationS, float[][] Peaks)
{
    public const int Points = 400;
}
