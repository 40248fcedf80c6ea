using RestartDrill.Stores;

namespace RestartDrill.Results;

/// <summary>One kill: who died, what was under way, what was found afterwards, and how soon after the kill a right balance came.</summary>
internal sealed record KillReport(int Number, Victim Victim, int InFlight, int PaidInFlight, TimeSpan ToRightBalance, Findings Findings);
