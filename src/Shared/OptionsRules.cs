using System.Globalization;
using Microsoft.Extensions.Options;

namespace SessionRecovery.Shared;

/// <summary>
/// Validates the options of one configuration section and collects the error messages. All packages use the same wording for these
/// messages.
/// </summary>
/// <param name="section">The configuration section below <c>SessionRecovery</c>, for example <c>Credits</c>.</param>
internal sealed class OptionsRules(string section)
{
    private readonly List<string> _faults = [];

    /// <summary>
    /// Requires a value from <paramref name="min"/> to <paramref name="max"/>, both included. If the maximum depends on another option,
    /// <paramref name="maxSource"/> names this option.
    /// </summary>
    public OptionsRules Range<T>(string member, T value, T min, T max, string? maxSource = null)
        where T : IComparable<T>, IFormattable
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            var source = maxSource is null ? string.Empty : $" ({maxSource})";
            Add(member, string.Create(CultureInfo.InvariantCulture, $"is {value}; valid values are {min} to {max}{source}"));
        }

        return this;
    }

    /// <summary>
    /// Requires a condition. The parameter <paramref name="rule"/> completes a sentence that begins with the name of the member, and must
    /// not contain a secret.
    /// </summary>
    public OptionsRules Require(string member, bool condition, string rule)
    {
        if (!condition)
        {
            Add(member, rule);
        }

        return this;
    }

    /// <summary>Adds an error message that is a complete sentence.</summary>
    public OptionsRules Fail(string sentence)
    {
        _faults.Add(sentence);
        return this;
    }

    public ValidateOptionsResult ToResult() => _faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_faults);

    private void Add(string member, string rule) => _faults.Add($"SessionRecovery:{section}:{member} {rule}.");
}
