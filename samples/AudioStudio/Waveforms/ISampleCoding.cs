namespace AudioStudio.Waveforms;

/// <summary>
/// The encoding of a sample. The implementations are empty structs, so that the loop over the samples is compiled for each of them.
/// </summary>
internal interface ISampleCoding
{
    static abstract int Size { get; }

    /// <summary>Reads a sample. Full scale is -1 to 1.</summary>
    static abstract float Decode(ReadOnlySpan<byte> bytes);
}
