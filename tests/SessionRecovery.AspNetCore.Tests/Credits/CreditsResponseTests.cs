using System.Text;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Credits.Internal;

namespace SessionRecovery.AspNetCore.Tests.Credits;

/// <summary>Compares the JSON that the balance response writes with the JSON of the serializer.</summary>
internal sealed class CreditsResponseTests
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    [Test]
    public void A_known_balance_has_all_members()
    {
        var asOf = new DateTimeOffset(2026, 11, 29, 17, 24, 19, 440, TimeSpan.Zero);
        AssertSameAsSerializer(new CreditsResponse(Success: true, 100, 20, "ada \"<é>", "known", 7, asOf));
    }

    [Test]
    public void An_unknown_balance_has_null_members() =>
        AssertSameAsSerializer(new CreditsResponse(Success: false, null, null, "ada", "missing", null, null));

    private static void AssertSameAsSerializer(CreditsResponse response)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            response.WriteTo(writer);
        }

        Encoding.UTF8.GetString(body.ToArray()).Should().Be(JsonSerializer.Serialize(response, SnakeCase));
    }
}
