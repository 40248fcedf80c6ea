using System.Net;
using System.Net.Sockets;
using System.Text;
using FluentAssertions;
using NUnit.Framework;

namespace AudioStudio.Tests.Running;

/// <summary>Tests that the documentation is served, and no other file of the repository.</summary>
[TestFixture]
internal sealed class DocumentationTests
{
    private StudioProcess _studio = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _studio = StudioProcess.Start(port: null, "--Supervise", "false");
        (await _studio.RespondsAsync()).Should().BeTrue();
    }

    [OneTimeTearDown]
    public void Stop() => _studio?.Dispose();

    [Test]
    public async Task A_page_is_plain_text()
    {
        using var response = await _studio.Http.GetAsync("docs/getting-started.md");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().Should().Be("text/plain; charset=utf-8");
        response.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
    }

    /// <summary>The paths are sent unchanged, because <see cref="HttpClient"/> would resolve the dots itself.</summary>
    [TestCase("/docs/../README.md")]
    [TestCase("/docs/%2e%2e/README.md")]
    [TestCase("/docs/..%2fREADME.md")]
    [TestCase("/docs/..%5cREADME.md")]
    [TestCase("/docs//etc/passwd")]
    [TestCase("/docs/images/survived.png")]
    public async Task A_path_outside_the_pages_is_not_found(string path)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _studio.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);

        var status = await reader.ReadLineAsync();

        status.Should().StartWith("HTTP/1.1 404 ");
    }
}
