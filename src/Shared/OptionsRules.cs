using System.Globalization;
using Microsoft.Extensions.Options;

namespace SessionRecovery.Shared;

/// <summary>Collects the faults of one options section and words them alike in all packages.</summary>
/// <param name="section">The configuration section below <c>SessionRecovery</c>, for example <c>Credits</c>.</param>
internal sealed class OptionsRules(string section)
{
    private readonly List<string> _faults = [];

    /// <summary>Requires a value from <paramref name="min"/> to <paramref name="max"/>, both included.</summary>
    public OptionsRules Range<T>(string member, T value, T min, T max)
        where T : IComparable<T>, IFormattable
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            Add(member, string.Create(CultureInfo.InvariantCulture, $"is {value}; valid values are {min} to {max}"));
        }

        return this;
    }

    /// <summary>
    /// Requires a condition. The rule completes a sentence that begins with the member's name and must not contain a secret.
    /// </summary>
    public OptionsRules Require(string member, bool condition, string rule)
    {
        if (!condition)
        {
            Add(member, rule);
        }

        return this;
    }

    /// <summary>Adds a fault that is worded as a whole sentence.</summary>
    public OptionsRules Fail(string sentence)
    {
        _faults.Add(sentence);
        return this;
    }

    public ValidateOptionsResult ToResult() => _faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_faults);

    private void Add(string member, string rule) => _faults.Add($"SessionRecovery:{section}:{member} {rule}.");
}
