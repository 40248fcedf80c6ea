using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace SessionRecovery.Sessions.Internal;

/// <summary>Validates the properties of a session, and creates a key that identifies the properties.</summary>
internal static class SessionProperties
{
    public static ImmutableSortedDictionary<string, string> Empty { get; } = ImmutableSortedDictionary.Create<string, string>(
        StringComparer.Ordinal);

    public static ImmutableSortedDictionary<string, string> Create(IEnumerable<KeyValuePair<string, string>> properties)
    {
        var result = Empty.ToBuilder();
        foreach (var (name, value) in properties)
        {
            if (string.IsNullOrEmpty(name) || name.Length > UserSession.MaxPropertyNameLength)
            {
                throw new ArgumentException(
                    $"The name of a property has 1 to {UserSession.MaxPropertyNameLength} characters.", nameof(properties));
            }

            if (value is null || value.Length > UserSession.MaxPropertyValueLength)
            {
                throw new ArgumentException(
                    $"The value of the property {name} has 0 to {UserSession.MaxPropertyValueLength} characters.", nameof(properties));
            }

            result[name] = value;
        }

        return result.Count <= UserSession.MaxProperties
            ? result.ToImmutable()
            : throw new ArgumentException($"A session has at most {UserSession.MaxProperties} properties.", nameof(properties));
    }

    /// <summary>
    /// Returns a text that identifies the properties: equal properties have equal keys. Returns <see langword="null"/> if there are no
    /// properties.
    /// </summary>
    public static string? CreateKey(ImmutableSortedDictionary<string, string> properties)
    {
        if (properties.IsEmpty)
        {
            return null;
        }

        // The key contains the length before each name and value, so that different properties never have the same key, even if a text
        // contains digits and colons.
        var key = new StringBuilder();
        foreach (var (name, value) in properties)
        {
            key.Append(CultureInfo.InvariantCulture, $"{name.Length}:{name}{value.Length}:{value}");
        }

        return key.ToString();
    }
}
