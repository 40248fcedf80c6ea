namespace Microsoft.AspNetCore.Builder;

/// <summary>Which resources <c>MapSessionRecovery</c> maps. All are on; what is not configured (credits, files) is left out by itself.</summary>
public sealed class SessionRecoveryEndpointOptions
{
    /// <summary><c>/auth/credits</c>.</summary>
    public bool Credits { get; set; } = true;

    /// <summary><c>/auth/verify</c>, <c>/session/health</c>, <c>/session/recover</c>, <c>/session/end</c>.</summary>
    public bool Session { get; set; } = true;

    /// <summary><c>/uploads</c> and what lies below it.</summary>
    public bool Files { get; set; } = true;

    /// <summary><c>/session/session-recovery.js</c> and its types.</summary>
    public bool BrowserModule { get; set; } = true;
}
