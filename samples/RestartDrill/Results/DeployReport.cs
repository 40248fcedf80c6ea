namespace RestartDrill.Results;

/// <summary>
/// The result of one deploy: the requests in flight at SIGTERM, the users' clicks, the time in which the proxy reached no version, and the
/// findings.
/// </summary>
internal sealed record DeployReport(
    int Number,
    int InFlight,
    int PaidInFlight,
    int Clicks,
    int RepeatedClicks,
    TimeSpan SlowestClick,
    TimeSpan WithoutService,
    Findings Findings);
