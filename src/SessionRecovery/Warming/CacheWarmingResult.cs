namespace SessionRecovery.Warming;

/// <summary>What a warm-up did.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Users">Users that the source named.</param>
/// <param name="Filled">Slots that were empty or older and now hold the value.</param>
/// <param name="Newer">Slots that held a later value already and kept it.</param>
/// <param name="Duration">How long it took.</param>
public sealed record CacheWarmingResult(CacheWarmingOutcome Outcome, int Users, int Filled, int Newer, TimeSpan Duration);
