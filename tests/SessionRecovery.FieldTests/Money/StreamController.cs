using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Mvc;

namespace SessionRecovery.FieldTests.Money;

/// <summary>A controller with an action that streams. The class is public because MVC finds only public controllers.</summary>
[ApiController]
public sealed class StreamController(StreamGate gate) : ControllerBase
{
    /// <summary>Returns two items, the second one when the test opens the gate.</summary>
    [HttpPost("/mvc")]
    public async IAsyncEnumerable<string> PostAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return "first";
        await gate.Opened.WaitAsync(cancellationToken);
        yield return "last";
    }
}
