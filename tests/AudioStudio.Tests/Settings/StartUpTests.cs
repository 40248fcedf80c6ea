using AudioStudio.Settings;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using NUnit.Framework;

namespace AudioStudio.Tests.Settings;

[TestFixture]
internal sealed class StartUpTests
{
    [Test]
    public void Every_start_error_is_one_line_ending_with_a_period()
    {
        using var errors = new StringWriter();

        var code = new StartUp(TextWriter.Null, errors).Refuse(new InvalidOperationException("First this.\r\nThen\n that"));

        code.Should().Be(1);
        errors.ToString().Should().Be($"AudioStudio can't start: First this. Then that.{Environment.NewLine}");
    }

    [Test]
    public void A_database_error_mentions_the_database()
    {
        StartUp.Message(new SqliteException("file is not a database", 26))
            .Should().StartWith("a database in the data folder can't be used");
    }

    [Test]
    public async Task An_address_in_use_suggests_another_one()
    {
        await using var first = CreateServer("http://127.0.0.1:0");
        await first.StartAsync();
        await using var second = CreateServer(first.Urls.Single());

        var start = () => second.StartAsync();

        StartUp.Message((await start.Should().ThrowAsync<IOException>()).Which).Should().Be(
            $"Failed to bind to address {first.Urls.Single()}: address already in use. "
            + "Choose another address, for example --urls http://127.0.0.1:5081.");
    }

    private static WebApplication CreateServer(string url)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url);
        return builder.Build();
    }
}
