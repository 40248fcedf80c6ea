using System.Buffers.Binary;
using System.Text;

namespace AudioStudio.Tests.Waveforms;

/// <summary>Writes valid and invalid WAV files. Tests can set every field of the file header to a wrong value.</summary>
internal sealed class WavFile
{
    private readonly MemoryStream _bytes = new();

    public WavFile()
    {
        Text("RIFF");
        UInt32(0);
        Text("WAVE");
    }

    public static byte[] Format(
        ushort coding = 1, ushort channels = 1, uint sampleRate = 8_000, ushort? blockAlign = null, ushort bits = 16)
    {
        var chunk = new byte[16];
        BinaryPrimitives.WriteUInt16LittleEndian(chunk, coding);
        BinaryPrimitives.WriteUInt16LittleEndian(chunk.AsSpan(2), channels);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk.AsSpan(4), sampleRate);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk.AsSpan(8), sampleRate * (uint)(channels * bits / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(chunk.AsSpan(12), blockAlign ?? (ushort)(channels * bits / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(chunk.AsSpan(14), bits);
        return chunk;
    }

    public static byte[] ExtensibleFormat(ushort coding, ushort channels, ushort bits)
    {
        var chunk = new byte[40];
        Format(0xFFFE, channels, bits: bits).CopyTo(chunk, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(chunk.AsSpan(16), 22);
        BinaryPrimitives.WriteUInt16LittleEndian(chunk.AsSpan(18), bits);
        BinaryPrimitives.WriteUInt16LittleEndian(chunk.AsSpan(24), coding);
        byte[] tail = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];
        tail.CopyTo(chunk, 26);
        return chunk;
    }

    public WavFile Chunk(string id, byte[] content, uint? claimedSize = null)
    {
        Text(id);
        UInt32(claimedSize ?? (uint)content.Length);
        _bytes.Write(content);
        if (content.Length % 2 == 1)
        {
            _bytes.WriteByte(0);
        }

        return this;
    }

    public byte[] ToArray() => _bytes.ToArray();

    private void Text(string text) => _bytes.Write(Encoding.ASCII.GetBytes(text));

    private void UInt32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _bytes.Write(bytes);
    }
}
