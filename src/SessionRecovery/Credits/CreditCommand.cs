using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Represents a command to a credit store. Every command can be repeated safely. Only this package defines command types.
/// </summary>
/// <remarks>
/// Amounts are whole credits from 1 to <see cref="MaxAmount"/>. A reservation may also have the amount 0. The constructors validate all
/// arguments before a command is sent.
/// </remarks>
public abstract partial record CreditCommand
{
    /// <summary>The maximum amount of one command, 2⁵³ - 1. JavaScript can represent every amount up to this value exactly.</summary>
    public const long MaxAmount = (1L << 53) - 1;

    /// <summary>The maximum length of the text that explains a ledger entry, 200 characters.</summary>
    public const int MaxReasonLength = 200;

    /// <summary>The maximum length of the name of the operator who adjusts an account, 100 characters.</summary>
    public const int MaxActorLength = 100;

    /// <summary>The maximum lifetime of a reservation, 24 hours.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromHours(24);

    private protected CreditCommand(UserId user)
    {
        _ = user.Value;
        User = user;
    }

    /// <summary>Gets the user whose account the command changes.</summary>
    public UserId User { get; }

    /// <summary>
    /// Gets the time at which the sender gives up, on the clock of the process that sends the command (<see cref="TimeProvider"/>). After a
    /// store has acquired its lock, it compares its time with the deadline. If the deadline has passed, the store must not apply the
    /// command, and returns <see cref="CreditCommandStatus.Busy"/>. A command that was delayed on the network therefore has no effect after
    /// a repeat of the command was rejected. SessionRecovery sets a deadline for each attempt. The default is <see langword="null"/>, which
    /// means that the command has no deadline.
    /// </summary>
    public DateTimeOffset? Deadline { get; init; }
}
