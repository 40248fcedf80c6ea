namespace SessionRecovery.Resilience.Internal;

/// <summary>What a store of ours throws when it could not be asked, with what is known about asking again.</summary>
internal abstract class CreditStoreException(string message, Exception? inner) : Exception(message, inner)
{
    /// <summary>The least wait before the next try that the store asked for; zero for none.</summary>
    public TimeSpan RetryAfter { get; protected init; }

    /// <summary>Whether asking again could help. What only whoever set the store up can mend is not asked again.</summary>
    public bool IsTransient { get; protected init; }
}
