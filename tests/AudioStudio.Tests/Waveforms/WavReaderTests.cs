using AudioStudio.Waveforms;
using FluentAssertions;
using NUnit.Framework;

namespace AudioStudio.Tests.Waveforms;

[TestFixture]
internal sealed class WavReaderTests
{
    private static readonly byte[] HalfUpAndDown16 = [0x00, 0x40, 0x00, 0xC0];

    private static IEnumerable<TestCaseData> Codings()
    {
        yield return new TestCaseData(WavFile.Format(bits: 8), (byte[])[192, 64]).SetArgDisplayNames("PCM 8");
        yield return new TestCaseData(WavFile.Format(bits: 16), HalfUpAndDown16).SetArgDisplayNames("PCM 16");
        yield return new TestCaseData(WavFile.Format(bits: 24), (byte[])[0x00, 0x00, 0x40, 0x00, 0x00, 0xC0]).SetArgDisplayNames("PCM 24");
        yield return new TestCaseData(WavFile.Format(bits: 32), (byte[])[0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0xC0])
            .SetArgDisplayNames("PCM 32");
        yield return new TestCaseData(WavFile.Format(coding: 3, bits: 32), Floats(0.5f, -0.5f)).SetArgDisplayNames("float 32");
        yield return new TestCaseData(WavFile.ExtensibleFormat(1, 1, 16), HalfUpAndDown16).SetArgDisplayNames("extensible PCM 16");
        yield return new TestCaseData(WavFile.ExtensibleFormat(3, 1, 32), Floats(0.5f, -0.5f)).SetArgDisplayNames("extensible float 32");
    }

    [TestCaseSource(nameof(Codings))]
    public async Task A_half_scale_sample_reads_as_a_half_in(byte[] format, byte[] samples)
    {
        var waveform = await ReadValidAsync(new WavFile().Chunk("fmt ", format).Chunk("data", samples).ToArray());

        waveform.Peaks[0].Should().Equal(0.5f, 0.5f);
        waveform.Peaks[^1].Should().Equal(-0.5f, -0.5f);
        waveform.DurationS.Should().Be(2.0 / 8_000);
    }

    [Test]
    public async Task A_point_of_a_stereo_file_spans_both_channels()
    {
        var waveform = await ReadValidAsync(
            new WavFile().Chunk("fmt ", WavFile.Format(channels: 2)).Chunk("data", HalfUpAndDown16).ToArray());

        waveform.Peaks.Should().AllSatisfy(point => point.Should().Equal(-0.5f, 0.5f));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(399)]
    [TestCase(400)]
    [TestCase(401)]
    [TestCase(44_100)]
    public async Task There_are_always_400_points_and_none_is_empty(int frames)
    {
        var samples = Enumerable.Repeat(HalfUpAndDown16[..2], frames).SelectMany(sample => sample).ToArray();

        var waveform = await ReadValidAsync(new WavFile().Chunk("fmt ", WavFile.Format()).Chunk("data", samples).ToArray());

        waveform.Peaks.Should().HaveCount(Waveform.Points);
        waveform.Peaks.Should().AllSatisfy(point => point.Should().Equal(0.5f, 0.5f));
    }

    [Test]
    public async Task A_click_appears_at_its_position()
    {
        var samples = new byte[2 * 40_000];
        samples[(2 * 20_050) + 1] = 0x7F;

        var waveform = await ReadValidAsync(new WavFile().Chunk("fmt ", WavFile.Format()).Chunk("data", samples).ToArray());

        waveform.Peaks.Select((point, index) => (point, index)).Where(item => item.point[1] > 0.9f)
            .Select(item => item.index).Should().Equal(200);
    }

    [Test]
    public async Task Other_chunks_and_the_data_chunk_may_have_any_order()
    {
        var format = WavFile.Format();
        var plain = new WavFile().Chunk("LIST", new byte[7]).Chunk("fmt ", format).Chunk("fact", new byte[4]).Chunk("data", HalfUpAndDown16)
            .Chunk("id3 ", new byte[3]);
        var turned = new WavFile().Chunk("data", HalfUpAndDown16).Chunk("fmt ", format);

        (await ReadValidAsync(plain.ToArray())).Peaks[0].Should().Equal(0.5f, 0.5f);
        (await ReadValidAsync(turned.ToArray())).Peaks[0].Should().Equal(0.5f, 0.5f);
    }

    [Test]
    public async Task A_data_size_beyond_the_end_reads_to_the_end()
    {
        var streamed = new WavFile().Chunk("fmt ", WavFile.Format()).Chunk("data", HalfUpAndDown16, claimedSize: uint.MaxValue).ToArray();

        (await ReadValidAsync(streamed)).DurationS.Should().Be(2.0 / 8_000);
    }

    [Test]
    public async Task NaN_and_out_of_range_samples_stay_between_limits()
    {
        var file = new WavFile().Chunk("fmt ", WavFile.Format(coding: 3, bits: 32))
            .Chunk("data", Floats(float.NaN, float.PositiveInfinity, -7f, float.NegativeInfinity)).ToArray();

        (await ReadValidAsync(file)).Peaks.SelectMany(point => point).Should().OnlyContain(value => value >= -1f && value <= 1f);
    }

    [Test]
    public async Task A_file_truncated_in_its_header_is_a_typed_result()
    {
        var whole = new WavFile().Chunk("LIST", new byte[5]).Chunk("fmt ", WavFile.ExtensibleFormat(1, 2, 16))
            .Chunk("data", HalfUpAndDown16).ToArray();
        var header = whole.Length - HalfUpAndDown16.Length;

        for (var length = 0; length <= header; length++)
        {
            var result = await Read(whole[..length]);

            result.Status.Should().Be(length < 12
                ? WavReadStatus.Unsupported
                : WavReadStatus.Broken, "the file was truncated at byte {0}", length);
            result.Message.Should().EndWith(".");
        }
    }

    [Test]
    public async Task A_single_wrong_header_byte_never_throws()
    {
        var whole = new WavFile().Chunk("fmt ", WavFile.ExtensibleFormat(1, 2, 16)).Chunk("data", HalfUpAndDown16).ToArray();

        for (var position = 0; position < whole.Length - HalfUpAndDown16.Length; position++)
        {
            foreach (var value in (byte[])[0x00, 0x01, 0x7F, 0x80, 0xFF])
            {
                var wrong = whole.ToArray();
                wrong[position] = value;
                var read = () => Read(wrong);
                await read.Should().NotThrowAsync("byte {0} was {1}", position, value);
            }
        }
    }

    private static IEnumerable<TestCaseData> BrokenFormats()
    {
        yield return new TestCaseData(WavFile.Format(channels: 0)).SetArgDisplayNames("no channels");
        yield return new TestCaseData(WavFile.Format(blockAlign: 3)).SetArgDisplayNames("an odd block align");
        yield return new TestCaseData(WavFile.Format(blockAlign: 0)).SetArgDisplayNames("a block align of zero");
        yield return new TestCaseData(WavFile.Format(sampleRate: 0)).SetArgDisplayNames("a sample rate of zero");
        yield return new TestCaseData(WavFile.Format(sampleRate: uint.MaxValue)).SetArgDisplayNames("a huge sample rate");
        yield return new TestCaseData(WavFile.Format()[..10]).SetArgDisplayNames("a short chunk");
        yield return new TestCaseData(WavFile.Format(0xFFFE)).SetArgDisplayNames("an extensible chunk without its extension");
    }

    [TestCaseSource(nameof(BrokenFormats))]
    public async Task A_format_that_contradicts_itself_is_broken(byte[] format)
    {
        var result = await Read(new WavFile().Chunk("fmt ", format).Chunk("data", HalfUpAndDown16).ToArray());

        result.Status.Should().Be(WavReadStatus.Broken);
    }

    private static IEnumerable<TestCaseData> UnsupportedFormats()
    {
        yield return new TestCaseData(WavFile.Format(coding: 2, bits: 4)).SetArgDisplayNames("ADPCM");
        yield return new TestCaseData(WavFile.Format(coding: 7, bits: 8)).SetArgDisplayNames("mu-law");
        yield return new TestCaseData(WavFile.Format(coding: 3, bits: 64)).SetArgDisplayNames("64-bit float");
        yield return new TestCaseData(WavFile.Format(bits: 12)).SetArgDisplayNames("12 bits");
        yield return new TestCaseData(WavFile.Format(channels: 6)).SetArgDisplayNames("six channels");
    }

    [TestCaseSource(nameof(UnsupportedFormats))]
    public async Task A_valid_file_in_another_coding_is_unsupported_not_broken(byte[] format)
    {
        var result = await Read(new WavFile().Chunk("fmt ", format).Chunk("data", HalfUpAndDown16).ToArray());

        result.Status.Should().Be(WavReadStatus.Unsupported);
    }

    [Test]
    public async Task A_vendor_specific_sub_format_is_unsupported()
    {
        var format = WavFile.ExtensibleFormat(1, 1, 16);
        format[39] ^= 0xFF;

        (await Read(new WavFile().Chunk("fmt ", format).Chunk("data", HalfUpAndDown16).ToArray())).Status
            .Should().Be(WavReadStatus.Unsupported);
    }

    [Test]
    public async Task A_file_without_samples_is_broken()
    {
        var empty = new WavFile().Chunk("fmt ", WavFile.Format()).Chunk("data", []).ToArray();
        var lessThanAFrame = new WavFile().Chunk("fmt ", WavFile.Format(channels: 2)).Chunk("data", [1, 2, 3]).ToArray();

        (await Read(empty)).Status.Should().Be(WavReadStatus.Broken);
        (await Read(lessThanAFrame)).Status.Should().Be(WavReadStatus.Broken);
    }

    [Test]
    public async Task A_file_of_only_tiny_chunks_is_abandoned()
    {
        var file = new WavFile();
        for (var chunk = 0; chunk < 2_000; chunk++)
        {
            file.Chunk("junk", []);
        }

        file.Chunk("fmt ", WavFile.Format()).Chunk("data", HalfUpAndDown16);

        (await Read(file.ToArray())).Status.Should().Be(WavReadStatus.Broken);
    }

    [Test]
    public async Task A_stream_that_ends_before_its_length_is_broken()
    {
        var whole = new WavFile().Chunk("fmt ", WavFile.Format()).Chunk("data", new byte[1_000]).ToArray();
        using var shrunk = new ShrunkStream(whole, missing: 500);

        (await WavReader.ReadAsync(shrunk, CancellationToken.None)).Status.Should().Be(WavReadStatus.Broken);
    }

    private static byte[] Floats(params float[] values) => values.SelectMany(BitConverter.GetBytes).ToArray();

    private static async Task<WavReadResult> Read(byte[] file)
    {
        using var content = new MemoryStream(file);
        return await WavReader.ReadAsync(content, CancellationToken.None);
    }

    private static async Task<Waveform> ReadValidAsync(byte[] file)
    {
        var result = await Read(file);
        result.Status.Should().Be(WavReadStatus.Read, result.Message);
        return result.Waveform!;
    }

    private sealed class ShrunkStream(byte[] whole, int missing) : MemoryStream(whole[..^missing])
    {
        public override long Length => base.Length + missing;
    }
}
