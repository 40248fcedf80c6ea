using System.Globalization;
using System.Text.Json;
using SessionRecovery.Credits;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>
/// Reads a balance from a column of the host's own table. The column may be an integer, a numeric, or a text that contains a number.
/// </summary>
internal static class TableBalance
{
    /// <summary>
    /// Reads a balance in whole credits and drops the fraction of a credit. Returns <see langword="false"/> if the value is NULL, is not a
    /// number, or is outside ±(2⁵³ - 1).
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
