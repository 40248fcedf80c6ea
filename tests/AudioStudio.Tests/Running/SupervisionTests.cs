using System.Net;
using System.Net.Sockets;
using FluentAssertions;
using NUnit.Framework;

namespace AudioStudio.Tests.Running;

[TestFixture]
internal sealed class SupervisionTests
{
    [Test]
    public async Task A_crashed_server_comes_back_with_the_same_sign_in_and_the_same_credits()
    {
        using var studio = StudioProcess.Start();
        (await studio.AnswersAsync()).Should().BeTrue();
        await studio.SignUpAsync();
        var before = await studio.ShownCreditsAsync();

        var crash = () => studio.Http.PostAsync("studio/crash", content: null);
        await crash.Should().ThrowAsync<HttpRequestException>("nobody is left to answer");

        (await studio.AnswersAsync()).Should().BeTrue();
        (await studio.TrueCreditsAsync()).Should().Be(before);
    }

    [Test]
    public async Task The_end_of_the_supervisor_ends_the_web_process()
    {
        using var studio = StudioProcess.Start();
        (await studio.AnswersAsync()).Should().BeTrue();

        studio.KillSupervisor();

        (await studio.IsGoneAsync()).Should().BeTrue();
    }

    [TestCase("true")]
    [TestCase("false")]
    public async Task A_port_in_use_is_one_sentence_and_exit_code_1(string supervise)
    {
        using var squatter = new TcpListener(IPAddress.Loopback, 0);
        squatter.Start();

        using var studio = StudioProcess.Start(((IPEndPoint)squatter.LocalEndpoint).Port, "--Supervise", supervise);

        (await studio.ExitCodeAsync()).Should().Be(1);
        (await studio.Errors).Trim().Should().NotContain("\n").And.Contain("already in use");
    }

    [Test]
    public async Task Nobody_who_is_not_signed_in_can_crash_the_server()
    {
        using var studio = StudioProcess.Start();
        (await studio.AnswersAsync()).Should().BeTrue();

        using var refusal = await studio.Http.PostAsync("studio/crash", content: null);

        refusal.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await refusal.Content.ReadAsStringAsync()).Should().Contain("\"code\":\"unauthenticated\"");
    }
}
