namespace SessionRecovery.Credits;

/// <summary>Specifies what a ledger entry records.</summary>
public enum CreditEntryKind
{
    /// <summary>The kind of the entry is not known to this version of SessionRecovery.</summary>
    Unknown = 0,

    /// <summary>The account was created with its initial credits.</summary>
    Init,

    /// <summary>Credits were added, for example after a purchase.</summary>
    Grant,

    /// <summary>Credits were spent immediately.</summary>
    Consume,

    /// <summary>Credits of a charge were returned.</summary>
    Refund,

    /// <summary>Reserved credits were spent.</summary>
    Capture,

    /// <summary>Credits were reserved for work in progress. The balance does not change.</summary>
    Reserve,

    /// <summary>Reserved credits were returned. The balance does not change.</summary>
    Release,

    /// <summary>A reservation expired, and its credits were returned. The balance does not change.</summary>
    Expire,

    /// <summary>An operator or another program changed the balance.</summary>
    Adjust,
}
