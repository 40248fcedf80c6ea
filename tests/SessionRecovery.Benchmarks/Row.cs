using System.Globalization;

namespace SessionRecovery.Benchmarks;

/// <summary>One comparison with a named peer in the same run.</summary>
/// <param name="What">The measured quantity.</param>
/// <param name="Ours">The value of SessionRecovery, with its unit.</param>
/// <param name="Peer">The name and the value of the peer.</param>
/// <param name="Ratio">The ratio of both values.</param>
/// <param name="Target">The target in the design.</param>
/// <param name="IsMet">Whether this run met the target, or <see langword="null"/> without a target.</param>
internal sealed record Row(string What, string Ours, string Peer, string Ratio, string Target, bool? IsMet)
{
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
