namespace SessionRecovery.AspNetCore.Credits;

/// <summary>How paid requests hold credits. Bound from <c>SessionRecovery:PaidRequests</c>.</summary>
public sealed class PaidRequestOptions
{
    /// <summary>How long a hold lasts when it is not renewed. 2 s to 10 min; 10 s by default.</summary>
    public TimeSpan ReservationLifetime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a hold is renewed while the handler runs. 500 ms to half of <see cref="ReservationLifetime"/>; 3 s by default.</summary>
    public TimeSpan RenewInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The largest body of a paid request, in bytes. 0 to 1 GiB; 10 MiB by default.</summary>
    public long MaxRequestBody { get; set; } = 10L * 1024 * 1024;
}
