namespace AudioStudio.Waveforms;

/// <summary>The result of reading a WAV file: the waveform, or a sentence that describes the error.</summary>
internal readonly record struct WavReading(WavReadingStatus Status, Waveform? Waveform, string Sentence)
{
    public static WavReading Of(Waveform waveform) => new(WavReadingStatus.Read, waveform, string.Empty);

    public static WavReading Broken(string sentence) => new(WavReadingStatus.Broken, null, sentence);

    public static WavReading Unsupported(string sentence) => new(WavReadingStatus.Unsupported, null, sentence);
}
