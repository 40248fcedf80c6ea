namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Represents what a slot knows about the creation of its user's account. Most users have an account before their first read.
/// </summary>
/// <param name="Result">
/// The result of the last command that created the account; <see langword="null"/> if there was none, or if a later load found no account.
/// </param>
/// <param name="NotFoundAtLoad">
/// The start of the last load if it found no account; otherwise <see langword="null"/>. The value is a timestamp of the local monotonic
/// clock.
/// </param>
internal sealed record AccountCreation(CreditCommandResult? Result = null, long? NotFoundAtLoad = null);
