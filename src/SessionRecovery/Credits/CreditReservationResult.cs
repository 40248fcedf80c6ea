using System.Diagnostics.CodeAnalysis;

namespace SessionRecovery.Credits;

/// <summary>Represents the result of <see cref="ICreditLedger.ReserveAsync"/>.</summary>
public sealed class CreditReservationResult
{
    internal CreditReservationResult(CreditCommandResult command, CreditReservation? reservation)
    {
        Command = command;
        Reservation = reservation;
    }

    /// <summary>
    /// Gets the result of the reserve command. The result may contain the balance, the stored response of a captured reservation, and the
    /// time to wait.
    /// </summary>
    public CreditCommandResult Command { get; }

    /// <summary>Gets the status of the command.</summary>
    public CreditCommandStatus Status => Command.Status;

    /// <summary>
    /// Gets the reservation, or <see langword="null"/> if <see cref="Succeeded"/> is <see langword="false"/>. The caller must dispose the
    /// reservation.
    /// </summary>
    public CreditReservation? Reservation { get; }

    /// <summary>Gets a value that indicates whether the credits are reserved for this caller.</summary>
    [MemberNotNullWhen(true, nameof(Reservation))]
    public bool Succeeded => Reservation is not null;
}
