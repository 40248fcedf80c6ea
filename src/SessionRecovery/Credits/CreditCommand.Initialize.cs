using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

public abstract partial record CreditCommand
{
    /// <summary>Creates the user's account with the initial credits that the store defines. The account is created only once.</summary>
    public sealed record Initialize : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        public Initialize(UserId user)
            : base(user)
        {
        }
    }
}
