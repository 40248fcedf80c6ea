namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Represents the amount that the capture of a paid request charges. The handler may set the amount until the capture begins. The class is
/// thread-safe and never waits, so a callback of the response can also set the amount.
/// </summary>
internal sealed class PaidAmount(long reserved)
{
    private readonly Lock _gate = new();
    private long _amount = reserved;
    private long? _captured;

    /// <exception cref="InvalidOperationException">The capture has already begun with another amount.</exception>
    public void Set(long actual)
    {
        lock (_gate)
        {
            if (_captured is { } captured && captured != actual)
            {
                throw new InvalidOperationException(
                    $"The credits were already captured ({captured}). They are captured when the handler has completed, and before the "
                    + "first byte of a response that is longer than MaxStoredResponse and is no stream. Call SettleAsync earlier.");
            }

            _amount = actual;
        }
    }

    /// <summary>Returns the amount to capture. After this call, the amount can no longer be changed.</summary>
    public long Fix()
    {
        lock (_gate)
        {
            _captured ??= _amount;
            return _captured.Value;
        }
    }
}
