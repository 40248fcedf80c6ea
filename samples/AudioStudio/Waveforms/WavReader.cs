using System.Buffers;
using System.Buffers.Binary;

namespace AudioStudio.Waveforms;

/// <summary>
/// Reads a WAV file through one buffer, whose size does not depend on the size of the file. Sizes in the header are compared with the
/// length of the file.
/// </summary>
internal static class WavReader
{
    private const int ChunkHeaderSize = 8;
    private const int RiffHeaderSize = 12;
    private const int MaxChunks = 1_000;
    private const int BufferSize = 64 * 1024;

    /// <param name="content">A seekable stream at position 0. The method does not dispose the stream.</param>
    /// <param name="cancellationToken">A token that cancels the read.</param>
    public static async ValueTask<WavReadResult> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            return await ReadAsync(content, buffer.AsMemory(0, BufferSize), cancellationToken);
        }
        catch (EndOfStreamException)
        {
            return WavReadResult.Broken("It ended before its declared length.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask<WavReadResult> ReadAsync(Stream content, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var length = content.Length;
        var riff = buffer[..RiffHeaderSize];
        var count = await content.ReadAtLeastAsync(riff, riff.Length, throwOnEndOfStream: false, cancellationToken);
        if (!IsWav(riff.Span[..count]))
        {
            return WavReadResult.Unsupported("Only WAV files can be drawn, and this is not a WAV file.");
        }

        WavFormat? format = null;
        (long Start, long Length)? data = null;
        var position = (long)RiffHeaderSize;
        for (var chunk = 0; chunk < MaxChunks && (format is null || data is null) && length - position >= ChunkHeaderSize; chunk++)
        {
            content.Position = position;
            var header = buffer[..ChunkHeaderSize];
            await content.ReadExactlyAsync(header, cancellationToken);
            var size = (long)BinaryPrimitives.ReadUInt32LittleEndian(header.Span[4..]);
            position += ChunkHeaderSize;
            if (header.Span[..4].SequenceEqual("fmt "u8))
            {
                var wanted = buffer[..(int)Math.Min(Math.Min(size, length - position), WavFormat.MaxSize)];
                await content.ReadExactlyAsync(wanted, cancellationToken);
                format = WavFormat.Read(wanted.Span, out var error);
                if (format is null)
                {
                    return error;
                }
            }
            else if (header.Span[..4].SequenceEqual("data"u8))
            {
                data = (position, Math.Min(size, length - position));
            }

            // Chunks begin at even positions, so a chunk with an odd size is followed by one padding byte.
            position += size + (size & 1);
        }

        return (format, data) switch
        {
            ({ } known, { } found) => await DrawAsync(content, buffer, known, found, cancellationToken),
            (null, _) => WavReadResult.Broken("It has no format chunk."),
            _ => WavReadResult.Broken("It holds no samples."),
        };
    }

    private static bool IsWav(ReadOnlySpan<byte> riff) => riff.Length == RiffHeaderSize && riff.StartsWith("RIFF"u8)
        && riff.EndsWith("WAVE"u8);

    private static async ValueTask<WavReadResult> DrawAsync(
        Stream content, Memory<byte> buffer, WavFormat format, (long Start, long Length) data, CancellationToken cancellationToken)
    {
        var frames = data.Length / format.BlockAlign;
        if (frames == 0)
        {
            return WavReadResult.Broken("It holds no samples.");
        }

        var meter = new PeakMeter(frames);
        var block = buffer[..(buffer.Length / format.BlockAlign * format.BlockAlign)];
        content.Position = data.Start;
        for (var left = frames * format.BlockAlign; left > 0;)
        {
            var part = block[..(int)Math.Min(left, block.Length)];
            await content.ReadExactlyAsync(part, cancellationToken);
            Measure(part.Span, format, meter);
            left -= part.Length;
        }

        return WavReadResult.Of(new Waveform((double)frames / format.SampleRate, meter.ToPeaks()));
    }

    private static void Measure(ReadOnlySpan<byte> bytes, WavFormat format, PeakMeter meter)
    {
        switch (format.Coding, format.Bits)
        {
            case (WavFormat.Float, _):
                Measure<Float32>(bytes, format.BlockAlign, meter);
                break;
            case (_, 8):
                Measure<Pcm8>(bytes, format.BlockAlign, meter);
                break;
            case (_, 16):
                Measure<Pcm16>(bytes, format.BlockAlign, meter);
                break;
            case (_, 24):
                Measure<Pcm24>(bytes, format.BlockAlign, meter);
                break;
            default:
                Measure<Pcm32>(bytes, format.BlockAlign, meter);
                break;
        }
    }

    private static void Measure<TCoding>(ReadOnlySpan<byte> bytes, int blockAlign, PeakMeter meter)
        where TCoding : struct, ISampleCoding
    {
        for (; bytes.Length >= blockAlign; bytes = bytes[blockAlign..])
        {
            var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
            for (var offset = 0; offset < blockAlign; offset += TCoding.Size)
            {
                var sample = TCoding.Decode(bytes[offset..]);
                low = Math.Min(low, sample);
                high = Math.Max(high, sample);
            }

            meter.Add(low, high);
        }
    }
}
