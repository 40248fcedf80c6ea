namespace AudioStudio.Waveforms;

/// <summary>A sound as a picture: its length and, at equal distances, the lowest and highest sample.</summary>
internal sealed record Waveform(double DurationS, float[][] Peaks)
{
    public const int Points = 400;
}
