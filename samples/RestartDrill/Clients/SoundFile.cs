using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RestartDrill.Clients;

/// <summary>Creates mono 16-bit WAV files with a few seconds of noise. The random number generator determines the content.</summary>
internal sealed class SoundFile
{
    public const int Seconds = 2;

    private const int SampleRate = 44_100;
    private const int HeaderSize = 44;

    private SoundFile(byte[] bytes)
    {
        Bytes = bytes;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    public byte[] Bytes { get; }

    public string Sha256 { get; }

    public static SoundFile Make(Random random)
    {
        var bytes = new byte[HeaderSize + (Seconds * SampleRate * sizeof(short))];
        random.NextBytes(bytes.AsSpan(HeaderSize));
        var header = bytes.AsSpan(0, HeaderSize);
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], bytes.Length - 8);
        "WAVEfmt "u8.CopyTo(header[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(header[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], SampleRate * sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(header[32..], sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(header[34..], 16);
        "data"u8.CopyTo(header[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[40..], bytes.Length - HeaderSize);
        return new SoundFile(bytes);
    }
}
