using System.Text;

namespace SessionRecovery.BrowserTests.Running;

/// <summary>Creates a 16-bit stereo WAV file of the requested duration that contains a quiet sawtooth wave.</summary>
internal sealed class SoundFile : IDisposable
{
    private const int Rate = 44_100;
    private const int BytesPerFrame = 4;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sound-");

    public SoundFile(TimeSpan length, string name = "long.wav")
    {
        Path = System.IO.Path.Combine(_folder.FullName, name);
        var size = (int)(length.TotalSeconds * Rate) * BytesPerFrame;
        using var writer = new BinaryWriter(File.Create(Path), Encoding.ASCII);
        writer.Write("RIFF"u8);
        writer.Write(36 + size);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)2);
        writer.Write(Rate);
        writer.Write(Rate * BytesPerFrame);
        writer.Write((short)BytesPerFrame);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(size);
        for (var frame = 0; frame < size / BytesPerFrame; frame++)
        {
            var value = (short)(frame % 200 * 10);
            writer.Write(value);
            writer.Write(value);
        }
    }

    public string Path { get; }

    public void Dispose() => _folder.Delete(recursive: true);
}
