using NUnit.Framework;

// Most of a test's time is waiting: for a server to come back, for sound to play. Each fixture has servers of its own, each test a context
// of its own.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
