namespace RestartDrill.Results;

/// <summary>
/// Represents the result of one deployment: the requests without a response at SIGTERM, the clicks of the users, the time during which the
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
