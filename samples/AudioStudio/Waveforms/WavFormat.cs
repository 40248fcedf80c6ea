using System.Buffers.Binary;

namespace AudioStudio.Waveforms;

/// <summary>
/// Represents the <c>fmt </c> chunk of a WAV file, which describes the encoding of the samples. Every field is validated.
/// </summary>
internal readonly record struct WavFormat(ushort Coding, int Channels, int SampleRate, int BlockAlign, int Bits)
{
    public const int MinSize = 16;

    /// <summary>The maximum number of bytes that are read from the <c>fmt </c> chunk.</summary>
    public const int MaxSize = 40;

    public const ushort Pcm = 1;

    public const ushort Float = 3;

    private const ushort Extensible = 0xFFFE;
    private const int MaxChannels = 2;
    private const int MaxSampleRate = 768_000;

    /// <summary>
    /// The last bytes of the sub-format GUID in an extensible header. These bytes are the same for every audio encoding.
    /// </summary>
    private static ReadOnlySpan<byte> SubFormatTail => [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];

    /// <summary>Parses the <c>fmt </c> chunk. If the chunk is invalid, <paramref name="error"/> contains the result to return.</summary>
    public static WavFormat? Read(ReadOnlySpan<byte> chunk, out WavReadResult error)
    {
        if (chunk.Length < MinSize)
        {
            error = WavReadResult.Broken("Its format chunk is too short.");
            return null;
        }

        var format = new WavFormat(
            BinaryPrimitives.ReadUInt16LittleEndian(chunk),
            BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]),
            (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]), int.MaxValue),
            BinaryPrimitives.ReadUInt16LittleEndian(chunk[12..]),
            BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]));
        if (format.Coding == Extensible)
        {
            if (chunk.Length < MaxSize)
            {
                error = WavReadResult.Broken("Its extended format chunk is too short.");
                return null;
            }

            if (!chunk[26..MaxSize].SequenceEqual(SubFormatTail))
            {
                error = WavReadResult.Unsupported("Its samples use a vendor-specific format.");
                return null;
            }

            format = format with { Coding = BinaryPrimitives.ReadUInt16LittleEndian(chunk[24..]) };
        }

        error = format.Refusal() ?? default;
        return error.Message is null ? format : null;
    }

    private WavReadResult? Refusal() => this switch
    {
        { Channels: 0 } => WavReadResult.Broken("It claims to have no channels."),
        { SampleRate: 0 or > MaxSampleRate } => WavReadResult.Broken("Its sample rate makes no sense."),
        { Coding: not (Pcm or Float) } =>
            WavReadResult.Unsupported("Its samples are compressed; only PCM and floating point can be drawn."),
        { Channels: > MaxChannels } => WavReadResult.Unsupported("It has more than two channels."),
        { Coding: Pcm, Bits: not (8 or 16 or 24 or 32) } or { Coding: Float, Bits: not 32 } =>
            WavReadResult.Unsupported("Its samples have a size that can't be drawn: 8, 16, 24 and 32 bits can, and 32 for floating point."),
        _ when BlockAlign != Channels * Bits / 8 => WavReadResult.Broken("The size of its frames contradicts its channels and bits."),
        _ => null,
    };
}
