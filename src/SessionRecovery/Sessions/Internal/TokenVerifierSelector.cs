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
    private readonly TokenVerifierRegistration[][] _ranks =
    [
        .. registrations.Distinct().GroupBy(static registration => registration.Rank).OrderByDescending(static rank => rank.Key)
            .Select(static rank => rank.ToArray()),
    ];

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

    private static string Describe(TokenVerifierRegistration[] rank) =>
        $"{string.Join(" and ", rank.Select(static registration => registration.Call))} each choose the token verifier. "
            + "Remove all but one.";

    /// <summary>
    /// An options type without properties. The validation of these options at startup runs the selection of the token verifier.
    /// </summary>
    internal sealed class Selection;
}
