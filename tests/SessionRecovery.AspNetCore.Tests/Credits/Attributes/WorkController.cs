using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using SessionRecovery.AspNetCore.Credits;

namespace SessionRecovery.AspNetCore.Tests.Credits.Attributes;

/// <summary>Has actions with a price. MVC finds controllers only if they are public.</summary>
[ApiController]
[Route("work")]
public sealed class WorkController(WorkCounter counter) : ControllerBase
{
    [HttpPost("draw")]
    [RequireCredits(5)]
    public ActionResult<int> Draw(WorkRequest request) => request.Size > 0 ? counter.Count() : UnprocessableEntity();

    [HttpPost("settle")]
    [RequireCredits(30)]
    public async Task<ActionResult<int>> Settle(WorkRequest request)
    {
        await HttpContext.GetPaidRequest().SettleAsync(request.Size);
        return counter.Count();
    }

    [HttpPost("throw")]
    [RequireCredits(5)]
    public ActionResult<int> Throw(WorkRequest request) => throw new NotSupportedException($"on purpose {request.Size}");

    [HttpPost("stream")]
    [RequireCredits(5, Streaming = true)]
    public async IAsyncEnumerable<int> Stream(WorkRequest request)
    {
        for (var item = 0; item < request.Size; item++)
        {
            yield return await Task.FromResult(counter.Count());
        }
    }

    [HttpPost("free")]
    public ActionResult<int> Free(WorkRequest request) => request.Size + counter.Runs;
}
