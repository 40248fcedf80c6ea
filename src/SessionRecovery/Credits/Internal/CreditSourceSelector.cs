using Microsoft.Extensions.Options;

namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Selects the only source of credits, independent of the order of registration. The host does not start if two sources are registered,
/// because they could return different balances.
/// </summary>
internal sealed class CreditSourceSelector(IEnumerable<CreditSource> sources) : IValidateOptions<CreditOptions>
{
    private readonly CreditSource[] _candidates = Reduce([.. sources.Distinct()]);

    /// <summary>Gets the type that reads balances.</summary>
    /// <exception cref="InvalidOperationException">The number of registered sources is not one.</exception>
    public Type Reader => _candidates is [var source] ? source.Implementation : throw new InvalidOperationException(Describe());

    /// <summary>
    /// Gets a value that indicates whether more than one source is registered. The host does not start with more than one source.
    /// </summary>
    public bool HasConflict => _candidates.Length > 1;

    public ValidateOptionsResult Validate(string? name, CreditOptions options) =>
        HasConflict ? ValidateOptionsResult.Fail(Describe()) : ValidateOptionsResult.Success;

    private static CreditSource[] Reduce(CreditSource[] sources) =>
        [.. sources.Where(source => !sources.Any(other => other.Replaces == source.Implementation))];

    private string Describe() => _candidates.Length == 0
        ? "No source of credits is registered. Call UseCreditReader<T>(), UseSqlite(…) or UseSupabase(…)."
        : $"{string.Join(" and ", _candidates.Select(static source => source.Call))} each choose the source of credits. "
            + "Keep only one of them; a store also reads balances.";
}
