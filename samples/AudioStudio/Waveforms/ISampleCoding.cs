namespace AudioStudio.Waveforms;

/// <summary>
/// Decodes a sample of one encoding. The implementations are empty structs, so that the JIT compiles a separate loop over the samples for
/// each encoding.
/// </summary>
internal interface ISampleCoding
{
    static abstract int Size { get; }

    /// <summary>Reads a sample. Full scale is -1 to 1.</summary>
    static abstract float Decode(ReadOnlySpan<byte> bytes);
}
