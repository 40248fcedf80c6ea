using Microsoft.Extensions.Options;

namespace SessionRecovery.Sessions.Internal;

/// <summary>
/// Selects the token verifier, regardless of the order of the calls. The host's verifier takes precedence over a provider's verifier, which
/// takes precedence over the default verifier. The host does not start if the highest rank has more than one verifier. An
/// <see cref="IAccessTokenVerifier"/> in the host's services takes precedence over all registrations.
/// </summary>
internal sealed class TokenVerifierSelector(
    IEnumerable<TokenVerifierRegistration> registrations) : IValidateOptions<TokenVerifierSelector.Selection>
{
    private readonly TokenVerifierRegistration[][] _ranks = GroupByRank([.. registrations.Distinct()]);

    public IAccessTokenVerifier Create(IServiceProvider services)
    {
        foreach (var rank in _ranks)
        {
            var registration = rank is [var single] ? single : throw new InvalidOperationException(Describe(rank));
            if (registration.Create(services) is { } verifier)
            {
                return verifier;
            }
        }

        throw new InvalidOperationException("There is no token verifier. Call AddSessionRecovery().");
    }

    public ValidateOptionsResult Validate(string? name, Selection options) =>
        _ranks is [{ Length: > 1 } rank, ..] ? ValidateOptionsResult.Fail(Describe(rank)) : ValidateOptionsResult.Success;

    // The ranks are listed from the highest to the lowest. A list is used instead of a LINQ query, because the JIT would compile the query
    // at every start of a host.
    private static TokenVerifierRegistration[][] GroupByRank(TokenVerifierRegistration[] registrations)
    {
        TokenVerifierRegistration[][] ranks =
        [
            Array.FindAll(registrations, static registration => registration.Rank == TokenVerifierRank.Host),
            Array.FindAll(registrations, static registration => registration.Rank == TokenVerifierRank.Provider),
            Array.FindAll(registrations, static registration => registration.Rank == TokenVerifierRank.Default),
        ];
        return Array.FindAll(ranks, static rank => rank.Length > 0);
    }

    private static string Describe(TokenVerifierRegistration[] rank) =>
        $"{string.Join(" and ", rank.Select(static registration => registration.Call))} each choose the token verifier. "
            + "Remove all but one.";

    /// <summary>
    /// An options type without properties. The validation of these options at startup runs the selection of the token verifier.
    /// </summary>
    internal sealed class Selection;
}
