using System.Text.Json.Nodes;
using FluentAssertions;
using NUnit.Framework;
using SupabaseStandIn.Tests.Replay;

namespace SupabaseStandIn.Tests;

/// <summary>Tests which differences between responses the replay ignores and which differences it reports.</summary>
public sealed class ComparisonTests
{
    private const string Json = "application/json";

    [TestCase("""{"body":{"message":"no key <kid-1> for ES256"}}""", """{"message":"no key abc for ES256"}""", Json)]
    [TestCase("""{"body":{"a":"<kid-1>","b":"<kid-1>!"}}""", """{"a":"abc","b":"abc!"}""", Json)]
    [TestCase("""{"body":"failed at <db-host>\n"}""", "failed at 127.0.0.1:5\n", "text/plain")]
    [TestCase("""{"body":"<b>x</b>"}""", "<b>x</b>", "text/html")]
    [TestCase("""{"body":{"big":9007199254740993},"raw":"{\"big\":9007199254740993}"}""", """{"big":9007199254740993}""", Json)]
    [TestCase("""{"body":{"Key":"d/d…<7 characters>"}}""", """{"Key":"d/d/d/d"}""", Json)]
    [TestCase("""{"body":"<19 bytes of JSON, array of 2; first {\"id\": 1}, last {\"id\": 9}>"}""", """[{"id":1},{"id":9}]""", Json)]
    [TestCase("""{"body":null}""", "", Json)]
    [TestCase("""{"body":null,"headers":{"content-type":"application/json"}}""", "null", Json)]
    public void Equivalent_responses_are_accepted(string recorded, string actual, string type) =>
        Compare(recorded, actual, type).Should().BeNull();

    [TestCase("""{"body":{"message":"no key <kid-1> for ES256"}}""", """{"message":"no key abc for RS256"}""", Json)]
    [TestCase("""{"body":{"message":"no key <kid-1> for ES256"}}""", """{"message":"no key  for ES256"}""", Json)]
    [TestCase("""{"body":{"a":"<kid-1>","b":"<kid-1>!"}}""", """{"a":"abc","b":"abd!"}""", Json)]
    [TestCase("""{"body":{"a":"<kid-1>/<kid-1>"}}""", """{"a":"abc/abd"}""", Json)]
    [TestCase("""{"body":"failed at <db-host>\n"}""", "failed near 127.0.0.1:5\n", "text/plain")]
    [TestCase("""{"body":"<b>x</b>"}""", "<b>y</b>", "text/html")]
    [TestCase("""{"body":"<b>x</b>"}""", "Bx</b>", "text/plain")]
    [TestCase("""{"body":{"big":9007199254740993},"raw":"{\"big\":9007199254740993}"}""", """{"big":9007199254740992}""", Json)]
    [TestCase("""{"body":{"n":1.5}}""", """{"n":1.6}""", Json)]
    [TestCase("""{"body":{"Key":"d/d…<7 characters>"}}""", """{"Key":"d/d/d/d/d"}""", Json)]
    [TestCase("""{"body":"<19 bytes of JSON, array of 2; first {\"id\": 1}, last {\"id\": 9}>"}""", """[{"id":1},{"id":8}]""", Json)]
    [TestCase("""{"body":null}""", """{"code":"PGRST125"}""", Json)]
    [TestCase("""{"body":null}""", "null", Json)]
    [TestCase("""{"body":null,"headers":{"content-type":"application/json"}}""", "", Json)]
    public void Different_responses_are_reported(string recorded, string actual, string type) =>
        Compare(recorded, actual, type).Should().NotBeNull();

    [Test]
    public void A_header_prefix_must_match_the_token_in_the_body()
    {
        const string RecordedSeconds =
            """{"status":200,"headers":{"prefix":"<first 3 characters of refresh:a.1>"},"body":{"refresh_token":"<refresh:a.1>"}}""";
        Compare(RecordedSeconds, """{"refresh_token":"abcdef"}""", Json, prefix: "abc").Should().BeNull();
        Compare(RecordedSeconds, """{"refresh_token":"abcdef"}""", Json, prefix: "abd").Should().NotBeNull();
    }

    private static string? Compare(string recorded, string actual, string type, string? prefix = null)
    {
        var response = (JsonObject)JsonNode.Parse(recorded)!;
        response["status"] = 200;
        var exchange = new Exchange(new JsonObject { ["name"] = "one", ["group"] = "some", ["response"] = response });
        string? Header(string name) => name switch { "content-type" => type, "prefix" => prefix, _ => null };
        return new Comparison(new Placeholders(), ["prefix"], exactValues: true).Compare(exchange, 200, Header, actual);
    }
}
