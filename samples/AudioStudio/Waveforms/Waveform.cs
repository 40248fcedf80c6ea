namespace AudioStudio.Waveforms;

/// <summary>The waveform of a sound: its duration, and the lowest and highest sample at equal distances.</summary>
internal sealed record Waveform(double DurationS, float[][] Peaks)
{
    public const int Points = 400;
}
