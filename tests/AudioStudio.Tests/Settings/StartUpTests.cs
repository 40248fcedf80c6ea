using AudioStudio.Settings;
using FluentAssertions;
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
}
