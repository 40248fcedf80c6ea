namespace AudioStudio.Waveforms;

internal enum WavReadStatus
{
    /// <summary>The values in the header contradict each other, or the file ends too early.</summary>
    Broken = 0,

    /// <summary>The file was read completely.</summary>
    Read,

    /// <summary>The file is not a WAV file, or its sample encoding is not supported.</summary>
    Unsupported,
}
