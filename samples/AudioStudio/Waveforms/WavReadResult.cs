namespace AudioStudio.Waveforms;

/// <summary>Represents the result of reading a WAV file: the waveform, or a sentence that describes the error.</summary>
internal readonly record struct WavReadResult(WavReadStatus Status, Waveform? Waveform, string Message)
{
    public static WavReadResult Of(Waveform waveform) => new(WavReadStatus.Read, waveform, string.Empty);

    public static WavReadResult Broken(string sentence) => new(WavReadStatus.Broken, null, sentence);

    public static WavReadResult Unsupported(string sentence) => new(WavReadStatus.Unsupported, null, sentence);
}
