using System.Net;
using System.Net.Sockets;
using FluentAssertions;
using NUnit.Framework;

namespace AudioStudio.Tests.Running;

[TestFixture]
internal sealed class SupervisionTests
{
    [Test]
    public async Task A_crashed_server_restarts_with_the_same_session_and_credits()
    {
        using var studio = StudioProcess.Start();
        (await studio.RespondsAsync()).Should().BeTrue();
        await studio.SignUpAsync();
        var before = await studio.ReadShownCreditsAsync();

        var crash = () => studio.Http.PostAsync("studio/crash", content: null);
        await crash.Should().ThrowAsync<HttpRequestException>("the server exits before it sends the response");

        (await studio.RespondsAsync()).Should().BeTrue();
        (await studio.ReadDatabaseCreditsAsync()).Should().Be(before);
    }

    [Test]
    public async Task The_web_process_ends_with_its_supervisor()
    {
        using var studio = StudioProcess.Start();
        (await studio.RespondsAsync()).Should().BeTrue();

        studio.KillSupervisor();

        (await studio.HasStoppedAsync()).Should().BeTrue();
    }

    [TestCase("true")]
    [TestCase("false")]
    public async Task A_port_in_use_prints_one_sentence_and_exits_1(string supervise)
    {
        using var squatter = new TcpListener(IPAddress.Loopback, 0);
        squatter.Start();

        using var studio = StudioProcess.Start(((IPEndPoint)squatter.LocalEndpoint).Port, "--Supervise", supervise);

        (await studio.ExitCodeAsync()).Should().Be(1);
        (await studio.Errors).Trim().Should().NotContain("\n").And.Contain("already in use");
    }

    [Test]
    public async Task Crashing_the_server_requires_a_sign_in()
    {
        using var studio = StudioProcess.Start();
        (await studio.RespondsAsync()).Should().BeTrue();

        using var error = await studio.Http.PostAsync("studio/crash", content: null);

        error.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await error.Content.ReadAsStringAsync()).Should().Contain("\"code\":\"unauthenticated\"");
    }
}
