using System.Text.Json;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Represents the response of <c>GET /auth/credits</c>. If the balance is unknown, the value is <see langword="null"/> and not zero.
/// </summary>
internal sealed record CreditsResponse(
    bool Success, long? Credits, long? Held, string UserId, string Status, long? Version, DateTimeOffset? AsOf)
{
    public static CreditsResponse Create(UserId user, CreditReadResult result) => new(
        result.HasBalance,
        result.Balance?.Available,
        result.Balance?.Held,
        user.Value,
        result.Status.ToWireName(),
        result.Balance?.Version,
        result.Balance?.AsOf);

    /// <summary>
    /// Writes the response as JSON. The serializer would first create and compile its metadata, which takes longer than the rest of a
    /// host's first response.
    /// </summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("success"u8, Success);
        WriteNumber(writer, "credits"u8, Credits);
        WriteNumber(writer, "held"u8, Held);
        writer.WriteString("user_id"u8, UserId);
        writer.WriteString("status"u8, Status);
        WriteNumber(writer, "version"u8, Version);
        if (AsOf is { } asOf)
        {
            writer.WriteString("as_of"u8, asOf);
        }
        else
        {
            writer.WriteNull("as_of"u8);
        }

        writer.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}

/// <summary>
/// Represents the response to a repeated request whose first response is not available. The response to the first request was too large to
/// store, was a stream, or has been deleted.
/// </summary>
internal sealed record AlreadyCompletedResponse(bool AlreadyCompleted = true);
