using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Warming;

/// <summary>Represents a recently active user and the user's balance.</summary>
public sealed record ActiveUser
{
    /// <summary>Gets the user.</summary>
    public required UserId User { get; init; }

    /// <summary>Gets the balance, which was read in the same store call as the list of users.</summary>
    public required CreditBalance Balance { get; init; }
}
