using System.Globalization;

namespace SessionRecovery.Benchmarks;

/// <summary>One comparison: ours beside a named peer in the same run.</summary>
/// <param name="What">What is measured.</param>
/// <param name="Ours">Our figure, with its unit.</param>
/// <param name="Peer">The peer's name and figure.</param>
/// <param name="Ratio">Ours against the peer's.</param>
/// <param name="Target">What the design asks for.</param>
/// <param name="IsMet">Whether this run met it; <see langword="null"/> where nothing is asked.</param>
internal sealed record Row(string What, string Ours, string Peer, string Ratio, string Target, bool? IsMet)
{
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
