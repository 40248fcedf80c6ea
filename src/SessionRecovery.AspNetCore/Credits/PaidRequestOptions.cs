using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits;

/// <summary>Options for paid requests. The values come from the configuration section <c>SessionRecovery:PaidRequests</c>.</summary>
public sealed class PaidRequestOptions
{
    /// <summary>
    /// Gets or sets the lifetime of a reservation that is not renewed. After a crash, credits stay reserved for at most this time, and a
    /// repeated request receives <c>in_progress</c> for at most this time. The default is 10 seconds; valid values are 2 seconds to 10
    /// minutes.
    /// </summary>
    public TimeSpan ReservationLifetime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets the interval at which a reservation is renewed while the handler runs. The default is 3 seconds; valid values are 500
    /// milliseconds to half of <see cref="ReservationLifetime"/>.
    /// </summary>
    public TimeSpan RenewInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Gets or sets how long the handler of a paid request may run. After this time, <c>HttpContext.RequestAborted</c> is canceled, and the
    /// reservation is no longer renewed. The default is 10 minutes; valid values are 1 second to 24 hours.
    /// </summary>
    public TimeSpan MaxWorkTime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Gets or sets the maximum length in bytes of a response that is stored for a repeated request. A response up to this length is
    /// buffered until the credits are captured. The credits for a longer response are captured before its first byte is sent. The default
    /// is 64 KiB; valid values are 0 to 1 MiB (<see cref="StoredResponse.MaxBodyLength"/>).
    /// </summary>
    public int MaxStoredResponse { get; set; } = 64 * 1024;

    /// <summary>Gets or sets the maximum length of a request body in bytes. The default is 10 MiB; valid values are 0 to 1 GiB.</summary>
    public long MaxRequestBody { get; set; } = 10L * 1024 * 1024;
}
