using NUnit.Framework;

// The tests mostly wait: for a restarted server or for playback. They can run in parallel, because each fixture has its own servers and
// each test its own context.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
