using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>One read of the store that several callers may share.</summary>
internal sealed class CreditLoad(AccessToken? token)
{
    private readonly TaskCompletionSource<CreditReadResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>With whose token the store is asked: its refusal is no answer for a caller with another one.</summary>
    public AccessToken? Token { get; } = token;

    /// <summary>When it began, in the order of all arrivals; <see cref="long.MaxValue"/> until then.</summary>
    public long Began { get; set; } = long.MaxValue;

    public Task<CreditReadResult> Completion => _completion.Task;

    public void Complete(CreditReadResult reading) => _completion.TrySetResult(reading);
}
