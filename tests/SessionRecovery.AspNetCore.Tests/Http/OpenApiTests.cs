using System.Text.Json.Nodes;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;

namespace SessionRecovery.AspNetCore.Tests.Http;

[TestFixture]
internal sealed class OpenApiTests
{
    [Test]
    public async Task Dump()
    {
        using var folder = new TemporaryFolder();
        await using var host = await TestHost.StartAsync(
            folder,
            (builder, recovery) =>
            {
                builder.Services.AddOpenApi();
                recovery.UseSqlite($"Data Source={folder.File("c.db")}").AddLocalFiles(folder.File("files"));
            },
            app =>
            {
                app.MapOpenApi();
                app.MapPost("/paid", () => Results.Ok()).RequireCredits(5);
            });
        var json = await new HttpClient { BaseAddress = host.Address }.GetStringAsync("/openapi/v1.json");
        TestContext.Out.WriteLine(json);
    }
}
