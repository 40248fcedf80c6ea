using System.Text.Json;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Represents the response of <c>GET /auth/credits</c>. If the balance is unknown, the number of credits is <see langword="null"/> and not
/// zero.
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
    /// Writes the response as JSON. The serializer is not used, because for the first response of a host, the creation and compilation of
    /// the serializer's metadata takes longer than all other work.
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

/// <summary>Represents the response of <c>GET /auth/credits/history</c>.</summary>
internal sealed record CreditHistoryResponse(IReadOnlyList<CreditHistoryItem> Entries, long? NextBefore)
{
    public static CreditHistoryResponse Create(CreditHistoryPage page) =>
        new([.. page.Entries.Select(CreditHistoryItem.Create)], page.NextBefore);
}

/// <summary>
/// Represents one entry of a user's credit history. The entry contains neither the operator of an adjustment nor a key of server code.
/// </summary>
/// <param name="Version">The version of the account after the entry, which identifies the entry.</param>
/// <param name="Kind">The kind of the entry.</param>
/// <param name="Amount">The change of the balance.</param>
/// <param name="Held">The change of the held credits.</param>
/// <param name="Balance">The balance after the entry, including held credits.</param>
/// <param name="Reason">The text that explains the entry.</param>
/// <param name="Request">The <c>Idempotency-Key</c> of the user's request that caused the entry.</param>
/// <param name="CreatedAt">The time of the entry.</param>
internal sealed record CreditHistoryItem(
    long Version, string Kind, long Amount, long Held, long Balance, string? Reason, string? Request, DateTimeOffset CreatedAt)
{
    public static CreditHistoryItem Create(CreditHistoryEntry entry) => new(
        entry.Version,
        entry.Kind.ToWireName(),
        entry.Amount,
        entry.HeldDelta,
        entry.Balance,
        entry.Reason,
        entry.Key?.RequestHeader,
        entry.CreatedAt);
}

/// <summary>
/// Represents the response to a repeated request whose first response is not available. The first response was too large to be stored, was
/// a stream, or has been deleted.
/// </summary>
internal sealed record AlreadyCompletedResponse(bool AlreadyCompleted = true);
