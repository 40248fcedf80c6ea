using AudioStudio.Settings;
using AudioStudio.Supervision;
using FluentAssertions;
using NUnit.Framework;

namespace AudioStudio.Tests.Supervision;

[TestFixture]
internal sealed class RestartPolicyTests
{
    private const int Killed = 137;

    private RestartPolicy _policy = null!;

    [SetUp]
    public void SetUp() => _policy = new RestartPolicy();

    [Test]
    public void The_first_unexpected_exit_is_followed_by_an_immediate_restart()
    {
        var decision = _policy.After(CreateExit());

        decision.Restarts.Should().BeTrue();
        decision.Pause.Should().Be(TimeSpan.Zero);
        decision.Message.Should().Contain("137");
    }

    [Test]
    public void Repeated_exits_are_followed_by_growing_delays_to_a_limit()
    {
        var pauses = Enumerable.Range(0, 50).Select(_ => _policy.After(CreateExit()).Pause.TotalMilliseconds).ToList();

        pauses.Take(6).Should().Equal(0, 250, 500, 1_000, 2_000, 4_000);
        pauses.Skip(6).Should().OnlyContain(pause => pause == 5_000);
    }

    [Test]
    public void A_long_lived_process_resets_the_count()
    {
        _policy.After(CreateExit());
        _policy.After(CreateExit());

        _policy.After(CreateExit(lived: TimeSpan.FromMinutes(1))).Pause.Should().Be(TimeSpan.Zero);
    }

    [Test]
    public void A_clean_web_process_exit_ends_the_supervisor_cleanly()
    {
        var decision = _policy.After(new ChildExit(ExitCode.Stopped, WasReady: true, TimeSpan.FromSeconds(1)));

        decision.Restarts.Should().BeFalse();
        decision.ExitCode.Should().Be(0);
    }

    [Test]
    public void A_start_failure_is_not_retried_and_exits_1()
    {
        var decision = _policy.After(new ChildExit(ExitCode.RefusedToSupervisor, WasReady: false, TimeSpan.FromSeconds(1)));

        decision.Restarts.Should().BeFalse();
        decision.ExitCode.Should().Be(1);
        decision.Message.Should().BeEmpty("the web process has already printed the reason");
    }

    [Test]
    public void Three_failed_starts_end_the_supervisor()
    {
        _policy.After(FailedToStart()).Restarts.Should().BeTrue();
        _policy.After(FailedToStart()).Restarts.Should().BeTrue();

        var third = _policy.After(FailedToStart());

        third.Restarts.Should().BeFalse();
        third.ExitCode.Should().Be(1);
        third.Message.Should().Contain("3 times");
    }

    [Test]
    public void A_success_between_failed_starts_is_remembered()
    {
        _policy.After(FailedToStart());
        _policy.After(FailedToStart());
        _policy.After(CreateExit());

        _policy.After(FailedToStart()).Restarts.Should().BeTrue();
    }

    private static ChildExit CreateExit(TimeSpan? lived = null) => new(Killed, WasReady: true, lived ?? TimeSpan.FromSeconds(1));

    private static ChildExit FailedToStart() => new(Killed, WasReady: false, TimeSpan.FromSeconds(1));
}
