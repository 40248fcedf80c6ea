namespace RestartDrill.Settings;

/// <summary>The names of the faults on the command line.</summary>
internal static class FaultNames
{
    public const string NewKeyOnRepeat = "new-key-on-repeat";

    public const string ChargeTwice = "charge-twice";

    public static Fault? Find(string? name) => name switch
    {
        NewKeyOnRepeat => Fault.NewKeyOnRepeat,
        ChargeTwice => Fault.ChargeTwice,
        _ => null,
    };
}
