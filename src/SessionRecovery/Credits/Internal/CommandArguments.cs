namespace SessionRecovery.Credits.Internal;

/// <summary>Validates the arguments that several commands have. Each exception names the argument of the command.</summary>
internal static class CommandArguments
{
    public static void CheckAmount(long amount, long min = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(amount, min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amount, CreditCommand.MaxAmount);
    }

    public static void CheckAttempt(int attempt) => ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);

    public static void CheckLifetime(TimeSpan lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, CreditCommand.MaxLifetime);
    }

    /// <summary>Throws an exception if the key is <see langword="default"/>.</summary>
    public static void CheckKey(IdempotencyKey key) => _ = key.Value;

    public static void CheckReason(string? reason)
    {
        if (reason is not null)
        {
            CheckText(reason, CreditCommand.MaxReasonLength, nameof(reason));
        }
    }

    public static void CheckRequiredReason(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        CheckReason(reason);
    }

    public static void CheckActor(string actor)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(actor);
        CheckText(actor, CreditCommand.MaxActorLength, nameof(actor));
    }

    /// <summary>Throws an exception that contains the maximum length if a text is longer.</summary>
    public static void CheckLength(string? text, int maxLength, string name)
    {
        if (text?.Length > maxLength)
        {
            throw new ArgumentOutOfRangeException(
                name, $"The text has {text.Length} characters, and the maximum is {maxLength} characters.");
        }
    }

    // The text is shown to users and operators, so it must not contain control characters, such as the escape sequences of a terminal.
    private static void CheckText(string text, int maxLength, string name)
    {
        CheckLength(text, maxLength, name);
        if (text.Any(char.IsControl))
        {
            throw new ArgumentException("The text must not contain control characters.", name);
        }
    }
}
