using System.Buffers.Binary;

namespace AudioStudio.Waveforms;

internal readonly struct Pcm8 : ISampleCoding
{
    public static int Size => 1;

    public static float Decode(ReadOnlySpan<byte> bytes) => (bytes[0] - 128) / 128f;
}

internal readonly struct Pcm16 : ISampleCoding
{
    public static int Size => 2;

    public static float Decode(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768f;
}

internal readonly struct Pcm24 : ISampleCoding
{
    public static int Size => 3;

    public static float Decode(ReadOnlySpan<byte> bytes) => ((bytes[0] << 8 | bytes[1] << 16 | bytes[2] << 24) >> 8) / 8388608f;
}

internal readonly struct Pcm32 : ISampleCoding
{
    public static int Size => 4;

    public static float Decode(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 2147483648f;
}

internal readonly struct Float32 : ISampleCoding
{
    public static int Size => 4;

    public static float Decode(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadSingleLittleEndian(bytes) is var value && float.IsNaN(value) ? 0f : value;
}
