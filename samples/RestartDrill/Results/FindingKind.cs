namespace RestartDrill.Results;

/// <summary>What must not happen.</summary>
internal enum FindingKind
{
    WrongAnswer,
    CreditsLost,
    CreditsDoubled,
    FileChanged,
    SignInNeeded,
    FalseZero,
    WentBack,
}
