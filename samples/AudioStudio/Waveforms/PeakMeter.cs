namespace AudioStudio.Waveforms;

/// <summary>
/// Distributes frames evenly over the points of a waveform, one frame at a time and in order. A frame on the border of two points belongs
/// to both points, so that no point is empty, even if there are fewer frames than points.
/// </summary>
internal sealed class PeakMeter(long frames)
{
    private const int Decimals = 4;

    private readonly float[] _low = Enumerable.Repeat(float.PositiveInfinity, Waveform.Points).ToArray();
    private readonly float[] _high = Enumerable.Repeat(float.NegativeInfinity, Waveform.Points).ToArray();
    private long _end;
    private int _point;

    /// <summary>Adds the next frame with its lowest and its highest sample of all channels.</summary>
    public void Add(float low, float high)
    {
        _end += Waveform.Points;
        Include(low, high);
        while (_end >= (_point + 1) * frames && _point < Waveform.Points - 1)
        {
            _point++;
            if (_end > _point * frames)
            {
                Include(low, high);
            }
        }
    }

    public float[][] ToPeaks() =>
        _low.Zip(_high, static (low, high) => low > high ? [0f, 0f] : new[] { Round(low), Round(high) }).ToArray();

    private void Include(float low, float high)
    {
        _low[_point] = Math.Min(_low[_point], low);
        _high[_point] = Math.Max(_high[_point], high);
    }

    // Zero is added because it turns -0 into 0.
    private static float Round(float value) => MathF.Round(Math.Clamp(value, -1f, 1f), Decimals) + 0f;
}
