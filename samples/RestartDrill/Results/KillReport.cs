using RestartDrill.Stores;

namespace RestartDrill.Results;

/// <summary>
/// Represents the result of one kill: the killed process, the number of running requests, the findings, and the time until the next correct
/// balance.
/// </summary>
internal sealed record KillReport(
    int Number, Victim Victim, int InFlight, int PaidInFlight, TimeSpan TimeToCorrectBalance, Findings Findings);
