using System.Globalization;
using System.Text.Json;
using SessionRecovery.Credits;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>Reads a balance from a host's own column: an integer, a numeric, or a text that contains one.</summary>
internal static class TableBalance
{
    /// <summary>
    /// Reads whole credits and drops a fraction. Returns <see langword="false"/> for NULL, for a text that is not a number, and beyond
    /// ±(2⁵³ - 1).
    /// </summary>
    public static bool TryRead(IReadOnlyDictionary<string, JsonElement> row, string column, out long credits)
    {
        credits = 0;
        if (!row.TryGetValue(column, out var value))
        {
            return false;
        }

        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString(),
            _ => null,
        };
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            || Math.Abs(number) > CreditCommand.MaxAmount)
        {
            return false;
        }

        credits = (long)Math.Floor(number);
        return true;
    }
}
