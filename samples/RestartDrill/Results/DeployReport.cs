namespace RestartDrill.Results;

/// <summary>
/// The result of one deployment. The result contains the requests in flight at SIGTERM, the clicks of the users, the time during which the
/// proxy reached no version, and the findings.
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
