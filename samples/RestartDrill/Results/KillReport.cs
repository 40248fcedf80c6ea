using RestartDrill.Stores;

namespace RestartDrill.Results;

/// <summary>
/// The result of one kill: the killed process, the requests in flight, the findings, and the time until the next correct balance.
/// </summary>
internal sealed record KillReport(
    int Number, Victim Victim, int InFlight, int PaidInFlight, TimeSpan TimeToCorrectBalance, Findings Findings);
