using System.Globalization;

namespace SessionRecovery.Benchmarks;

/// <summary>Represents one comparison with another library in the same run.</summary>
/// <param name="What">The measured quantity.</param>
/// <param name="Ours">The value of SessionRecovery, with its unit.</param>
/// <param name="Peer">The name of the other library and its value.</param>
/// <param name="Ratio">The ratio of the two values.</param>
/// <param name="Target">The target that the design document specifies.</param>
/// <param name="IsMet"><see langword="true"/> if this run met the target, or <see langword="null"/> if there is no target.</param>
internal sealed record Row(string What, string Ours, string Peer, string Ratio, string Target, bool? IsMet)
{
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
