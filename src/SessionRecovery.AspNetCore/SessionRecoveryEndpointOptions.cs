namespace SessionRecovery.AspNetCore;

/// <summary>
/// Selects the resources that <c>MapSessionRecovery</c> maps. By default, all resources are mapped. Credits and files are mapped only if
/// their services are registered.
/// </summary>
public sealed class SessionRecoveryEndpointOptions
{
    /// <summary>
    /// Gets or sets a value that indicates whether <c>/auth/credits</c> and <c>/auth/credits/history</c> are mapped. The default is
    /// <see langword="true"/>.
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
    /// Gets or sets a value that indicates whether the browser module (<c>/session/session-recovery.js</c> and the files that it imports)
    /// is mapped. The default is <see langword="true"/>.
    /// </summary>
    public bool BrowserModule { get; set; } = true;
}
