using Microsoft.AspNetCore.Http.Features;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// The lifetime that a paid handler sees. Its client's leaving is hidden: file results swallow that cancellation and return as if they had
/// written everything, and a stump would be paid for and stored. An abort by the handler itself is remembered.
/// </summary>
internal sealed class PaidLifetime(IHttpRequestLifetimeFeature inner) : IHttpRequestLifetimeFeature
{
    public bool IsAborted { get; private set; }

    public CancellationToken RequestAborted { get; set; } = CancellationToken.None;

    public void Abort()
    {
        IsAborted = true;
        inner.Abort();
    }
}
