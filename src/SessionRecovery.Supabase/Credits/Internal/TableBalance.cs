using System.Globalization;
using System.Text.Json;
using SessionRecovery.Credits;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>A balance in a host's own column, which may be an integer, a numeric, or a text that holds one.</summary>
internal static class TableBalance
{
    /// <summary>
    /// Reads whole credits, a fraction left aside; <see langword="false"/> for NULL, for no number, and beyond ±(2⁵³ - 1).
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
