using System.Net;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;

namespace AudioStudio.Tests.Running;

/// <summary>Tests that the parts that help developers exist in Development only.</summary>
[TestFixture]
internal sealed class ProductionTests
{
    [Test]
    public async Task Production_has_no_crash_refill_documentation_or_process_id()
    {
        using var studio = StudioProcess.StartInProduction("--Supervise", "false");
        (await studio.RespondsAsync()).Should().BeTrue();
        await studio.SignUpAsync();

        using var info = await studio.Http.GetAsync("studio/info");
        using var documentation = await studio.Http.GetAsync("docs/getting-started.md");
        using var crash = await studio.Http.PostAsync("studio/crash", content: null);
        using var refill = await studio.Http.PostAsync("studio/refill", content: null);

        var settings = JsonDocument.Parse(await info.Content.ReadAsStringAsync()).RootElement;
        settings.GetProperty("development").GetBoolean().Should().BeFalse();
        settings.GetProperty("documentation").ValueKind.Should().Be(JsonValueKind.Null);
        info.Headers.Should().NotContain(static header => header.Key == "Studio-Process");
        new[] { documentation, crash, refill }.Should().OnlyContain(static response => response.StatusCode == HttpStatusCode.NotFound);
        (await studio.RespondsAsync()).Should().BeTrue("no request may end the server");
    }
}
