namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Specifies why the work of a paid request ended.</summary>
internal enum WorkEnd
{
    /// <summary>The work has not ended.</summary>
    None = 0,

    /// <summary>The client disconnected while the response was being sent.</summary>
    ClientLeft,

    /// <summary>The host canceled the request, for example because of a request timeout.</summary>
    Host,

    /// <summary>The maximum work time has passed.</summary>
    MaxWorkTime,

    /// <summary>The host is stopping.</summary>
    Stopping,

    /// <summary>The request has ended, and its work can no longer be canceled.</summary>
    Completed,
}
