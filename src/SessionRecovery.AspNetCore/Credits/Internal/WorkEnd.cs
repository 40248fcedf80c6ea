namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>How the work of a paid request ended.</summary>
internal enum WorkEnd
{
    /// <summary>It goes on.</summary>
    None = 0,

    /// <summary>The client left while the response was being sent.</summary>
    ClientLeft,

    /// <summary>The host canceled the request, for example by a request timeout.</summary>
    Host,

    /// <summary>The maximum work time has passed.</summary>
    MaxWorkTime,

    /// <summary>The host stops.</summary>
    Stopping,

    /// <summary>The request has ended, and its work is not canceled any more.</summary>
    Completed,
}
