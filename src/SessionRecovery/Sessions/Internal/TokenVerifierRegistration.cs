namespace SessionRecovery.Sessions.Internal;

/// <summary>
/// A token verifier that a package registered. The last registration of a provider wins over the default one, whatever the order of calls.
/// An <see cref="IAccessTokenVerifier"/> that the host registered itself wins over both.
/// </summary>
/// <param name="IsDefault">Whether this is the verifier of <c>AddSessionRecovery</c>, used when no provider supplies one.</param>
/// <param name="Create">Creates the verifier; <see langword="null"/> leaves the verification to the default one.</param>
internal sealed record TokenVerifierRegistration(bool IsDefault, Func<IServiceProvider, IAccessTokenVerifier?> Create)
{
    public static IAccessTokenVerifier Select(IServiceProvider services, IEnumerable<TokenVerifierRegistration> registrations)
    {
        var ordered = registrations.Reverse().OrderBy(static registration => registration.IsDefault);
        return ordered.Select(registration => registration.Create(services)).OfType<IAccessTokenVerifier>().First();
    }
}
