namespace AudioStudio.Waveforms;

/// <summary>
/// How one sample lies in the file. Implemented by empty structs, so that the loop over the samples is compiled once for each.
/// </summary>
internal interface ISampleCoding
{
    static abstract int Size { get; }

    /// <summary>The sample, with full scale at -1 and 1.</summary>
    static abstract float Decode(ReadOnlySpan<byte> bytes);
}
