using Microsoft.AspNetCore.Mvc;
using SessionRecovery.AspNetCore.Credits;

namespace SessionRecovery.AspNetCore.Tests.Credits.Attributes;

/// <summary>Has actions that take effect once. MVC finds controllers only if they are public.</summary>
[ApiController]
[Route("orders")]
[RequireIdempotency]
public sealed class OrderController(WorkCounter counter) : ControllerBase
{
    [HttpPost]
    public ActionResult<int> Place(WorkRequest request) => request.Size > 0 ? counter.Count() : UnprocessableEntity();
}
