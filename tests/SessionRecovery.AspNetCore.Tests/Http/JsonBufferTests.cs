using System.Text;
using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Tests.Http;

/// <summary>Tests that the documents of one thread do not affect each other.</summary>
internal sealed class JsonBufferTests
{
    [Test]
    public void A_document_does_not_change_when_the_next_one_is_written()
    {
        var first = Write("first");

        Write("second one");

        Encoding.UTF8.GetString(first).Should().Be("""["first"]""");
    }

    [Test]
    public void A_failed_document_leaves_nothing_behind()
    {
        var write = () => JsonBuffer.Write("lost", static (text, writer) =>
        {
            writer.WriteStartArray();
            writer.WriteStringValue(text);
            writer.Flush();
            throw new InvalidOperationException("The callback failed.");
        });
        write.Should().Throw<InvalidOperationException>();

        Encoding.UTF8.GetString(Write("next")).Should().Be("""["next"]""");
    }

    private static byte[] Write(string text) => JsonBuffer.Write(text, static (value, writer) =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(value);
        writer.WriteEndArray();
    });
}
