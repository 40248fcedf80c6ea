using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Warming;

/// <summary>A recently active user with the balance at the time of the query.</summary>
public sealed record ActiveUser
{
    /// <summary>Gets the user.</summary>
    public required UserId User { get; init; }

    /// <summary>Gets the balance, read in the same call as the list.</summary>
    public required CreditBalance Balance { get; init; }
}
