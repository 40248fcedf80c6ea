namespace AudioStudio.Waveforms;

internal enum WavReadingStatus
{
    /// <summary>The header contradicts itself or the file ends too early.</summary>
    Broken = 0,

    /// <summary>Read to its end.</summary>
    Read,

    /// <summary>Not a WAV file, or one whose samples are stored in a way that is not read here.</summary>
    Unsupported,
}
