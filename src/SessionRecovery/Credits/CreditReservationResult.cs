using System.Diagnostics.CodeAnalysis;

namespace SessionRecovery.Credits;

/// <summary>The result of <see cref="ICreditLedger.ReserveAsync"/>.</summary>
public sealed class CreditReservationResult
{
    internal CreditReservationResult(CreditCommandResult command, CreditReservation? reservation)
    {
        Command = command;
        Reservation = reservation;
    }

    /// <summary>Gets the result of the command, with the balance, the stored response of a captured key, or the time to wait.</summary>
    public CreditCommandResult Command { get; }

    /// <summary>Gets the status of the command.</summary>
    public CreditCommandStatus Status => Command.Status;

    /// <summary>
    /// Gets the reservation, which the caller disposes; <see langword="null"/> unless <see cref="Succeeded"/> is <see langword="true"/>.
    /// </summary>
    public CreditReservation? Reservation { get; }

    /// <summary>Gets a value that indicates whether the credits are reserved for this caller.</summary>
    [MemberNotNullWhen(true, nameof(Reservation))]
    public bool Succeeded => Reservation is not null;
}
