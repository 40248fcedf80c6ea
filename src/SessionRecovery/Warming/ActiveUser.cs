using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Warming;

/// <summary>A user who was here lately, with the balance of that moment.</summary>
/// <param name="User">Who.</param>
/// <param name="Balance">The balance, read with the list in one call.</param>
public sealed record ActiveUser(UserId User, CreditBalance Balance);
