namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Represents what a slot knows about the creation of its user's account. Most users have an account before their first read.
/// </summary>
/// <param name="Result">
/// The result of the last command that created the account. The value is <see langword="null"/> if no command created the account, or if a
/// later load found no account.
/// </param>
/// <param name="NotFoundAtLoad">
/// The start of the last load if this load found no account, and <see langword="null"/> if it found an account. The value is a timestamp of
/// the local monotonic clock.
/// </param>
internal sealed record AccountCreation(CreditCommandResult? Result = null, long? NotFoundAtLoad = null);
