namespace SessionRecovery.Sqlite.Tests;

/// <summary>Specifies what a step of a random sequence does.</summary>
internal enum LedgerOperation
{
    Initialize,
    Consume,
    Grant,
    Refund,
    Adjust,
    Reserve,
    Renew,
    Capture,
    Settle,
    Release,
    Read,
    Wait,
    Reopen,
}
