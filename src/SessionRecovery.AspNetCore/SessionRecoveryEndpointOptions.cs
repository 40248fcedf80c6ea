namespace SessionRecovery.AspNetCore;

/// <summary>
/// The resources that <c>MapSessionRecovery</c> maps. All are on; a resource without its services (credits, files) is not mapped.
/// </summary>
public sealed class SessionRecoveryEndpointOptions
{
    /// <summary>
    /// Gets or sets a value that indicates whether <c>/auth/credits</c> is mapped. The default is <see langword="true"/>.
    /// </summary>
    public bool Credits { get; set; } = true;

    /// <summary>
    /// Gets or sets a value that indicates whether <c>/auth/verify</c>, <c>/session/health</c>, <c>/session/recover</c> and
    /// <c>/session/end</c> are mapped. The default is <see langword="true"/>.
    /// </summary>
    public bool Session { get; set; } = true;

    /// <summary>
    /// Gets or sets a value that indicates whether <c>/uploads</c> and the endpoints below it are mapped. The default is
    /// <see langword="true"/>.
    /// </summary>
    public bool Files { get; set; } = true;

    /// <summary>
    /// Gets or sets a value that indicates whether the browser module is mapped, <c>/session/session-recovery.js</c> and its parts. The
    /// default is <see langword="true"/>.
    /// </summary>
    public bool BrowserModule { get; set; } = true;
}
