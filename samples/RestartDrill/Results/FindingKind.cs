namespace RestartDrill.Results;

/// <summary>The kinds of errors that the drill detects.</summary>
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
