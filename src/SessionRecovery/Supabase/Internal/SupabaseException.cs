using SessionRecovery.Resilience.Internal;

namespace SessionRecovery.Supabase.Internal;

/// <summary>Supabase did not do what it was asked. Its text names the fault and the code, never an address with a user in it, a token or a body.</summary>
internal sealed class SupabaseException : CreditStoreException
{
    private SupabaseException(SupabaseFailure failure, Exception? inner)
        : base($"Supabase did not answer as hoped ({failure.Fault}, {failure.Code}).", inner)
    {
        Failure = failure;
        RetryAfter = failure.RetryAfter;
        IsTransient = failure.IsTransient;
    }

    public SupabaseFailure Failure { get; }

    public static SupabaseException Of(SupabaseFailure failure) => new(failure, inner: null);

    public static SupabaseException NoAnswer(Exception inner) =>
        inner is OperationCanceledException ? TimedOut(inner) : new(new SupabaseFailure(SupabaseFault.Outage, "no_connection"), inner);

    public static SupabaseException TimedOut(Exception inner) => new(new SupabaseFailure(SupabaseFault.Outage, "timed_out"), inner);

    /// <summary>An answer that can't be read is as good as none.</summary>
    public static SupabaseException Unreadable(Exception? inner = null) => new(new SupabaseFailure(SupabaseFault.Outage, "unreadable"), inner);
}
