namespace RestartDrill.Results;

/// <summary>Defines the kinds of errors that the drill detects.</summary>
internal enum FindingKind
{
    WrongResponse,
    CreditsLost,
    CreditsDoubled,
    CreditsHeld,
    FileChanged,
    SignInNeeded,
    FalseZero,
    WentBack,
    FailedClick,
}
