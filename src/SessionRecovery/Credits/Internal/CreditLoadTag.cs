using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>Describes a load by the access token with which it reads the store, and by the properties whose slot it fills.</summary>
internal sealed record CreditLoadTag(AccessToken? Token, string? Variant)
{
    /// <summary>Returns whether the result of the load may be returned to a caller with the tag <paramref name="other"/>.</summary>
    public bool Serves(CreditLoadTag other, bool ownTokenOnly) =>
        string.Equals(Variant, other.Variant, StringComparison.Ordinal) && (!ownTokenOnly || Equals(Token, other.Token));
}
