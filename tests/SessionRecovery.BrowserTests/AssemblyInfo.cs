using NUnit.Framework;

// The tests run in parallel, because they mostly wait for a restarted server or for playback. Each fixture has its own servers, and each
// test has its own browser context.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
