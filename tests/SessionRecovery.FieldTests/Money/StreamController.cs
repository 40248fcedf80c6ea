using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Mvc;

namespace SessionRecovery.FieldTests.Money;

/// <summary>
/// An MVC controller with an action that returns a stream. The class is public because MVC finds only public controllers.
/// </summary>
[ApiController]
public sealed class StreamController(StreamGate gate) : ControllerBase
{
    /// <summary>Returns two items. The method returns the second item after the test opens the gate.</summary>
    [HttpPost("/mvc")]
    public async IAsyncEnumerable<string> PostAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return "first";
        await gate.Opened.WaitAsync(cancellationToken);
        yield return "last";
    }
}
